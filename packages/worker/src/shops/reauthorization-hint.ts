/** How to reauthorize a shop, with the link when PUBLIC_URL is set. */
export function reauthorizationHint(publicUrl: string | undefined): string {
  return publicUrl === undefined ? 'Reauthorize it on the dashboard' : `Reauthorize it at ${publicUrl}/dashboard/shops`;
}
