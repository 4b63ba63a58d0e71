/** The sign of the product; decoration, for the name stands beside it. */
export function Logo({ size }: { size: number }) {
  return <img src="/dashboard/favicon.svg" width={size} height={size} alt="" />;
}
