import { hash } from 'node:crypto';
import { isRecord } from './json.ts';
import { updateTimeOf, type Push } from './push.ts';

/** What two pushes of a code must have in common to be one event, sent twice. */
type RepeatRule =
  /** The data: it says when the event happened, or names something that exists once, such as a chat message. */
  | 'same-data'
  /** Also `msg_id`, or the envelope's time where there is none: the same data may come again as news. */
  | 'same-data-and-time'
  /** Nothing: each counts. Handling one twice sets the same state, and missing one leaves the wrong state. */
  | 'never';

/*
 * Shopee gives no event id (guide 18). `msg_id` stands in the envelope of real pushes, but is empty for chat and the same for
 * all test pushes of the console. A retry has the same data, and perhaps another time in its envelope.
 *
 * | code                                            | its data                                  | a repeat has             |
 * | ----------------------------------------------- | ----------------------------------------- | ------------------------ |
 * | 1, 2                                            | names the shop; authorize, revoke, again  | never                    |
 * | 3 5 7 8 16 22 23 28 29 30 37 47                 | with a time of its own                    | the same data            |
 * | 10                                              | with a message id                         | the same data            |
 * | 12                                              | with the day and the page                 | the same data            |
 * | 4 9 13 15 24 25                                 | a state without a time                    | the same data and time   |
 * | others                                          | not documented: with a time or without    | as it is there           |
 */
const rules: Readonly<Record<number, RepeatRule>> = {
  ...rule('never', 1, 2),
  ...rule('same-data', 3, 5, 7, 8, 10, 12, 16, 22, 23, 28, 29, 30, 37, 47),
  ...rule('same-data-and-time', 4, 9, 13, 15, 24, 25),
};

function rule(kind: RepeatRule, ...codes: number[]): Record<number, RepeatRule> {
  return Object.fromEntries(codes.map((code) => [code, kind]));
}

/**
 * Identifies repeats of a push: 22 characters (132 bits) of the base64url SHA-256 over what the table above names. The order of
 * keys does not matter. Undefined for one that is never a repeat.
 */
export function pushDigest(push: Push): string | undefined {
  const { code, shopId, data, msgId, timestamp } = push;
  const kind = rules[code] ?? (updateTimeOf(push) === undefined ? 'same-data-and-time' : 'same-data');
  if (kind === 'never') return undefined;
  const hasTime = kind === 'same-data-and-time' || Object.keys(data).length === 0;
  const when = hasTime ? `|${msgId ?? timestamp ?? ''}` : '';
  return hash('sha256', `${code}|${shopId ?? ''}|${canonical(data)}${when}`, 'base64url').slice(0, 22);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isRecord(value)) return JSON.stringify(value) ?? 'null';
  const entries = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${entries.join(',')}}`;
}
