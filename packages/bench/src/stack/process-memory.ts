import { readFileSync } from 'node:fs';

/** Memory of a process, MB (1,000,000 bytes), as Linux counts it. */
export interface ProcessMemory {
  /** Resident, shared memory included. */
  rss: number;
  /** Anonymous: what would be freed if it ended. */
  anonymous: number;
  /** Its own and its share of what several processes use, such as the code of Node. */
  pss: number;
}

/** Throws when the process has ended. */
export function readMemory(pid: number): ProcessMemory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const field = (name: string) => (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024) / 1e6;
  return { rss: field('Rss'), anonymous: field('Anonymous'), pss: field('Pss') };
}

const ticksPerSecond = 100;

/** The processor time that a process has used so far, s. */
export function readCpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the name in brackets and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
