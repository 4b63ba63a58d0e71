import type { Area } from '../spreadsheet/a1.ts';
import { invalidArgument } from '../spreadsheet/api-error.ts';
import type { Sheet } from '../spreadsheet/sheet.ts';
import { contains, overlaps } from '../spreadsheet/grid-range.ts';

/** Throws the 400 of an edit in a protected range that `user` is not an editor of. A range that only warns stops no one here. */
export function checkProtection(sheet: Sheet, area: Area, user: string): void {
  for (const one of sheet.fields.protectedRanges) {
    if (one.warningOnly === true || one.editors?.users?.includes(user) === true) continue;
    const inside = one.range !== undefined && overlaps(one.range, area);
    const free = one.unprotectedRanges?.some((range) => contains(range, area)) ?? false;
    if (inside && !free)
      throw invalidArgument(
        'You are trying to edit a protected cell or object. Please contact the spreadsheet owner to remove protection if you need to edit.',
      );
  }
}
