import { useMediaQuery } from '@mantine/hooks';

/** Whether only a few columns fit. */
export function useIsMobile(): boolean {
  return useMediaQuery('(max-width: 48em)', false);
}
