/** A value of a request's body; `digits` is written as an integer, exactly as its text says. */
export type BodyField = string | number | readonly (string | number)[] | { digits: string };

/** An id as Shopee wants it in a body, an integer, without passing through a double. */
export function integer(id: string): BodyField {
  return /^\d+$/.test(id) ? { digits: id } : id;
}

/** The JSON text of a request's body; undefined fields are left out. */
export function bodyText(fields: Record<string, BodyField | undefined>): string {
  const members = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [`${JSON.stringify(name)}:${fieldText(value)}`],
  );
  return `{${members.join(',')}}`;
}

function fieldText(value: BodyField): string {
  return typeof value === 'object' && 'digits' in value ? value.digits : JSON.stringify(value);
}
