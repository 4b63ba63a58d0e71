export function formatMegabytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(bytes < 104_857_600 ? 1 : 0)} MB`;
}
