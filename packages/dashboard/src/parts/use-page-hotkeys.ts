import { useHotkeys } from '@mantine/hooks';

/**
 * Hotkeys that work wherever the focus is, except while typing. Mantine's own rule excludes every kind of input, so they would
 * stop working after a click on a switch or in a select.
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

/** Whether the focused element handles the key itself: text being typed, an open list of options. */
function targetHandlesKeys(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.ariaExpanded === 'true' || target instanceof HTMLTextAreaElement || target.isContentEditable) return true;
  return target instanceof HTMLInputElement && !toggleTypes.has(target.type) && !target.readOnly;
}
