import { useMediaQuery } from '@mantine/hooks';

/** Whether there is room for a few columns only. */
export function useIsMobile(): boolean {
  return useMediaQuery('(max-width: 48em)', false);
}
