import type { DestinationStream } from 'pino';

/** Lines are gathered to this many characters, or for this long, and written in one go: each push is a line. */
const maxBufferedCharacters = 16 * 1024;
const maxDelayMs = 100;

interface Sink extends DestinationStream {
  flush(done: (error?: Error) => void): void;
}

/**
 * A destination that hands its lines on to `sink` many at a time; `last` gets those that still wait when the process ends,
 * and must write them at once. pino's own gathering copies all that waits with each line.
 */
export function bufferedDestination(
  sink: Sink,
  writeRemaining: (text: string) => void,
): DestinationStream & Pick<Sink, 'flush'> {
  let lines: string[] = [];
  let characters = 0;
  let timer: NodeJS.Timeout | undefined;
  const flushLines = () => {
    clearTimeout(timer);
    timer = undefined;
    if (lines.length > 0) sink.write(lines.join(''));
    lines = [];
    characters = 0;
  };
  // Before pino, which ends its stream at the same moment.
  process.prependOnceListener('beforeExit', flushLines);
  process.once('exit', () => {
    if (lines.length > 0) writeRemaining(lines.join(''));
  });
  return {
    write(line) {
      lines.push(line);
      characters += line.length;
      if (characters >= maxBufferedCharacters) flushLines();
      else timer ??= setTimeout(flushLines, maxDelayMs).unref();
    },
    flush(done) {
      flushLines();
      sink.flush(done);
    },
  };
}
