import { useHotkeys } from '@mantine/hooks';

/**
 * Keys that do something wherever the focus is, as long as nobody is typing. Mantine's own rule leaves out every kind of input:
 * after a click on a switch or in a list of choices they would be dead.
 */
export function usePageHotkeys(keys: readonly (readonly [key: string, press: () => void])[]): void {
  useHotkeys(
    keys.map(([key, press]) => [
      key,
      (event) => {
        if (event.defaultPrevented || targetHandlesKeys(event.target)) return;
        event.preventDefault();
        press();
      },
      { preventDefault: false },
    ]),
    [],
  );
}

const toggleTypes = new Set(['checkbox', 'radio']);

/** Whether the key is for what has the focus: text that is typed, choices that are open. */
function targetHandlesKeys(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.ariaExpanded === 'true' || target instanceof HTMLTextAreaElement || target.isContentEditable) return true;
  return target instanceof HTMLInputElement && !toggleTypes.has(target.type) && !target.readOnly;
}
