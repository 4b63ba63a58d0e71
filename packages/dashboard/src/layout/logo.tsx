/** The product's logo; decorative, since the name is beside it. */
export function Logo({ size }: { size: number }) {
  return <img src="/dashboard/favicon.svg" width={size} height={size} alt="" />;
}
