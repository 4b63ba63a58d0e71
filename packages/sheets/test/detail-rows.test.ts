import { expect, test } from 'vitest';
import type { SheetRow } from '../src/index.ts';
import { sheetWorld, type SheetWorld } from './sheet-world.ts';

const cellsIfGone = { order_status: 'REMOVED', quantity: 0 };

/** An order with its lines. */
function orderRows(world: SheetWorld, lines: readonly string[], version: number): SheetRow[] {
  const keys = lines.map((line) => `1:a:${line}`);
  return [
    { ...world.row('1:a', version), details: { tab: 'Items', keys, cellsIfGone } },
    ...keys.map((key) => world.row(key, version, { quantity: 2, total_amount: null }, 'Items')),
  ];
}

const items = (world: SheetWorld) =>
  world.rows('Items').map((row) => [row['Row key'], row['Status'], row['Quantity'], row['Version']]);

test('a row that its source has no more is marked, and comes back when the source has it again', async () => {
  const world = await sheetWorld();
  const writer = world.writer();
  await writer.upsert([...orderRows(world, ['x', 'y'], 1), world.row('1:ab:x', 1, { quantity: 2 }, 'Items')]);
  await writer.upsert(orderRows(world, ['y', 'z'], 2));
  expect(items(world)).toEqual([
    ['1:a:x', 'REMOVED', 0, 2],
    ['1:a:y', 'READY_TO_SHIP', 2, 2],
    ['1:ab:x', 'READY_TO_SHIP', 2, 1],
    ['1:a:z', 'READY_TO_SHIP', 2, 2],
  ]);
  // An older answer does not bring it back, nor mark another.
  await world.writer().upsert(orderRows(world, ['x'], 1));
  await world.writer().upsert(orderRows(world, ['x', 'y'], 3));
  expect(items(world).filter(([key]) => key !== '1:ab:x')).toEqual([
    ['1:a:x', 'READY_TO_SHIP', 2, 3],
    ['1:a:y', 'READY_TO_SHIP', 2, 3],
    ['1:a:z', 'REMOVED', 0, 3],
  ]);
});

test('a row that the user deleted is not added again as one that is gone', async () => {
  const world = await sheetWorld();
  const writer = world.writer();
  await writer.upsert(orderRows(world, ['x', 'y'], 1));
  await world.settled(writer);
  world.google.edit({ kind: 'delete-rows', tab: 'Items', at: 2 });
  await writer.upsert(orderRows(world, ['y'], 2));
  expect(items(world)).toEqual([['1:a:y', 'READY_TO_SHIP', 2, 2]]);
});
