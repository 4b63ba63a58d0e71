/** How a shop's authorisation is renewed, with the link when PUBLIC_URL is known. */
export function reauthorizationHint(publicUrl: string | undefined): string {
  return publicUrl === undefined ? 'Renew it on the dashboard' : `Renew it on ${publicUrl}/dashboard/shops`;
}
