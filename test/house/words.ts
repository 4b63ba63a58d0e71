/** Words that no name may hold, each with the word that the glossary has for it. */
export const namesFor: Readonly<Record<string, string>> = {
  told: 'notified, sent, reported',
  tell: 'notify, send, report',
  tells: 'notifies, sends, reports',
  hears: 'called with',
  look: 'poll, refresh, check',
  looks: 'polls, refreshes, checks',
  looked: 'polled, checked',
  away: 'unavailable, unreachable, down',
  trouble: 'problem, error, alert condition',
  troubles: 'problems, errors, alert conditions',
  troubled: 'failing',
  hand: 'in flight',
  side: 'upstream',
  sides: 'upstreams',
  word: 'message, text, label, reason',
  words: 'messages, texts, labels',
  mend: 'repair, fix',
  mended: 'repaired, fixed',
  mends: 'repairs, fixes',
  keep: 'store, save, retain',
  keeps: 'stores, saves, retains',
  kept: 'stored, saved, retained',
  ask: 'request, call',
  asks: 'requests, calls',
  asked: 'requested',
  answer: 'response, result',
  answers: 'responses, results',
  answered: 'responded, replied',
  alarm: 'alert',
  alarms: 'alerts',
  refuse: 'reject',
  refuses: 'rejects',
  refused: 'rejected',
  refusal: 'rejection',
  refusals: 'rejections',
  bury: 'dead-letter',
  buried: 'dead-lettered',
  buries: 'dead-letters',
  stray: 'misplaced',
  strays: 'misplaced',
  strayed: 'misplaced',
  patience: 'retry, timeout, aging',
  patient: 'retry, timeout',
  patiently: 'retry with backoff',
  hasten: 'retry now',
  hastened: 'expedited',
  parked: 'deferred',
  desk: 'dispatcher, handler, client',
  verdict: 'result, classification',
  chore: 'periodic task',
  chores: 'periodic tasks',
  wreck: 'corrupt row',
  wrecks: 'corrupt rows',
  aftercare: 'write verifier',
  bystanders: 'neighbor rows',
  witnesses: 'sample rows',
  hasbrokenoff: 'is interrupted',
  takings: 'sales',
  catalogue: 'schema',
  longest: 'max',
  dequeue: 'take',
  dequeues: 'takes',
  dequeued: 'taken',
  surroundings: 'deps',
  forgotten: 'erased',
  forgetter: 'data eraser',
  salvage: 'recovery',
};

/** Groups of words that no name may hold. */
export const namePhrasesFor: readonly (readonly [RegExp, string])[] = [
  [/^most \w+/, 'max …'],
  [/\bat once\b/, 'batch size, chunk size, max concurrent'],
  [/\bunder way\b/, 'in progress, in flight'],
  [/\bstand ins?\b/, 'fake, fallback'],
  [/\bgiv(?:e|es|en) back\b/, 'requeue'],
  [/\bput back\b/, 'requeue'],
  [/\btak(?:e|es|ing) over\b/, 'recover'],
  [/\bset aside\b/, 'quarantine'],
  [/\bput off\b/, 'defer'],
  [/\blost (?:rows?|chats?)\b/, 'missing row, unreachable chat'],
  [/\bfirst(?: \w+)* ms$/, 'initial …Ms'],
];

/** Phrases that no comment may hold, nor a text for people: logs, errors, pages, messages, help, titles of tests. */
export const phrasesFor: readonly (readonly [RegExp, string])[] = [
  [/\b(?:is|are|was|while) away\b/, 'is unavailable'],
  [/\btold\b(?! apart)/, 'sent, reported, notified'],
  [/\bhears\b/, 'is called with'],
  [/\btroubles?\b/, 'problem'],
  [/\bin hand\b/, 'in flight'],
  [/\bmend(?:s|ed|ing)?\b/, 'fix, repair'],
  [/\b(?:outside|other) sides?\b/, 'upstream'],
  [/\balarms?\b/, 'alert'],
  [/(?<!connections? )\brefus(?:e|es|ed|al|als|ing)\b(?! connection)/, 'reject'],
  [/\bpatien(?:t|ce|tly)\b/, 'retry, timeout'],
  [/\bhasten(?:s|ed)?\b/, 'retry now'],
  [/\b(?:buried|bury)\b/, 'dead-lettered'],
  [/\bstand-?ins?\b/, 'fake'],
  [/\binto the line\b|\bhead of the line\b/, 'queue'],
  [/\bgiv(?:es?|en) back\b/, 'requeued'],
  [/\blook(?:s|ed)? back\b/, 'history'],
  [/\bthrown? away\b|\bthrows away\b/, 'drop, discard, delete'],
  [/\bset aside\b/, 'quarantined'],
  [/\bunder way\b/, 'in progress'],
  [/\bno longer ours\b/, 'lease lost'],
  [/\banew\b/, 'again'],
  [/\bcannot be asked\b/, 'cannot be reached'],
  [/\bauthoris(?:e|es|ed|ation|ing)\b/, 'authorize, authorization'],
  [/\bcolours?\b|\bcentre\b|\blicence\b|\brecognis|\bneighbour|\bbehaviour/, 'American spelling'],
  [/\bsettle the dead letters\b/, 'resolve the dead letters'],
];

/** Further phrases that no text for people may hold. */
const textPhrases: readonly (readonly [RegExp, string])[] = [
  ...phrasesFor,
  [/\btells?\b/, 'says, reports, shows'],
  [/\bby hand\b/, 'manually'],
];

/** The words of a name: `toldAtOnce`, `told-at-once` and `told_at_once` alike. */
export function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '');
}

/** Names of others: of libraries, protocols and the outside APIs. */
const namesOfOthers = new Set([
  'answerCallbackQuery',
  'keepAlive',
  'keepAliveTimeout',
  'keepAliveMsecs',
  'keepAliveMs',
]);

/** What is wrong with a name; undefined when nothing is. */
export function faultOfName(name: string): string | undefined {
  if (namesOfOthers.has(name)) return undefined;
  const words = wordsOf(name);
  const word = words.find((one) => Object.hasOwn(namesFor, one));
  if (word !== undefined) return `${name}: "${word}" → ${namesFor[word] ?? ''}`;
  const [ending] = /(?:Parts|Facts|Sources|Watch)$/.exec(/^[A-Z]/.test(name) ? name : '') ?? [];
  if (ending !== undefined) return `${name}: "${ending}" → Deps, Options, Info, Monitor, Store`;
  const phrase = words.join(' ');
  const [found, instead] = namePhrasesFor.find(([pattern]) => pattern.test(phrase)) ?? [];
  return found === undefined ? undefined : `${name}: "${found.exec(phrase)?.[0] ?? ''}" → ${instead ?? ''}`;
}

/** What is wrong with a text for people; undefined when nothing is. */
export function faultOfText(text: string): string | undefined {
  return faultIn(text, textPhrases);
}

/** What is wrong with a comment; undefined when nothing is. */
export function faultOfComment(comment: string): string | undefined {
  return faultIn(comment.replaceAll(/\n\s*\*? ?/g, ' '), phrasesFor);
}

function faultIn(text: string, phrases: typeof phrasesFor): string | undefined {
  const plain = text.toLowerCase();
  const [found, instead] = phrases.find(([pattern]) => pattern.test(plain)) ?? [];
  if (found === undefined) return undefined;
  return `${JSON.stringify(text.trim().slice(0, 80))}: "${found.exec(plain)?.[0] ?? ''}" → ${instead ?? ''}`;
}
