import { fileURLToPath } from 'node:url';

/**
 * The environment that the images set for Node and malloc as well (Dockerfile.api says why): what Node makes of the
 * sources is stored between starts, and the heap stays in proportion to a container of 256 MB, whatever the machine has.
 */
export function serviceTuning(service: 'forwarder' | 'worker'): Record<string, string> {
  const threshold = service === 'forwarder' ? '131072' : '16384';
  return {
    NODE_COMPILE_CACHE: fileURLToPath(new URL('../../../../node_modules/.cache/compiled', import.meta.url)),
    NODE_OPTIONS: `--max-semi-space-size=${service === 'forwarder' ? 16 : 4} --max-old-space-size=160`,
    MALLOC_ARENA_MAX: '1',
    MALLOC_MMAP_THRESHOLD_: threshold,
    MALLOC_TRIM_THRESHOLD_: threshold,
    MALLOC_TOP_PAD_: threshold,
  };
}
