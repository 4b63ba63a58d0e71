import type { Measurement } from '../report/measurement.ts';
import { acks } from './acks.ts';
import { backlog } from './backlog.ts';
import { cpu } from './cpu.ts';
import { crash } from './crash.ts';
import { capacity } from './capacity.ts';
import { idle } from './idle.ts';
import { latency } from './latency.ts';
import { queue } from './queue.ts';
import { recovery } from './recovery.ts';
import { sheet } from './sheet.ts';
import { start } from './start.ts';

/** In the order of the table. */
export const measurements: readonly Measurement[] = [
  acks,
  latency,
  capacity,
  queue,
  sheet,
  backlog,
  idle,
  crash,
  recovery,
  start,
  cpu,
];
