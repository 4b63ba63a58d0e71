import { useQuery } from '@tanstack/react-query';
import { settingsQuery } from '../api/queries.ts';

/** The event codes that Shopee documents, with their titles, from the settings; empty while those load. */
export function useEventTypes(): readonly { code: number; title: string }[] {
  const { data } = useQuery(settingsQuery);
  for (const { edit } of data?.settings ?? []) if (edit?.kind === 'codes') return edit.choices;
  return [];
}
