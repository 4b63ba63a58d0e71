/** A tab of ours has rows and no column that tells which row is which: writing to it would write every row twice. */
export class KeyColumnMissingError extends Error {
  override name = 'KeyColumnMissingError';
  readonly title: string;

  constructor(title: string) {
    super(`the tab ${title} has rows and no key column`);
    this.title = title;
  }
}
