import {
  IconArrowBackUp,
  IconBrandTelegram,
  IconCheck,
  IconCloudDown,
  IconCopy,
  IconCpu,
  IconDeviceSdCard,
  IconFileImport,
  IconInbox,
  IconMailX,
  IconPlayerPlay,
  IconRefresh,
  IconShieldX,
  IconTable,
  IconTrash,
  type Icon,
} from '@tabler/icons-react';
import type { EventStep, ActivityType } from '@shopee-webhook/contracts/dashboard-api';

interface StepDisplay {
  title: string;
  icon: Icon;
  color: string;
}

const displays: Record<ActivityType, StepDisplay> = {
  queued: { title: 'Received and queued', icon: IconInbox, color: 'blue' },
  duplicate: { title: 'Duplicate ignored', icon: IconCopy, color: 'gray' },
  spooled: { title: 'Received, spooled to disk', icon: IconDeviceSdCard, color: 'orange' },
  taken: { title: 'Picked up by a consumer', icon: IconCpu, color: 'blue' },
  fetched: { title: 'Fetched from Shopee', icon: IconCloudDown, color: 'blue' },
  written: { title: 'Written to the sheet', icon: IconTable, color: 'green' },
  handled: { title: 'Processed', icon: IconCheck, color: 'green' },
  retried: { title: 'Failed, will retry', icon: IconRefresh, color: 'orange' },
  'dead-lettered': { title: 'Dead-lettered', icon: IconMailX, color: 'red' },
  replayed: { title: 'Replayed', icon: IconPlayerPlay, color: 'blue' },
  discarded: { title: 'Discarded', icon: IconTrash, color: 'gray' },
  requeued: { title: 'Requeued: consumer stopped', icon: IconArrowBackUp, color: 'orange' },
  notified: { title: 'Telegram notification sent', icon: IconBrandTelegram, color: 'green' },
  imported: { title: 'Imported by a backfill', icon: IconFileImport, color: 'green' },
  rejected: { title: 'Rejected', icon: IconShieldX, color: 'red' },
};

/** Title, icon and color of a step. */
export function getStepDisplay({ step, row }: Pick<EventStep, 'step' | 'row'>): StepDisplay {
  const face = displays[step];
  return step === 'written' && row !== null ? { ...face, title: `Written to row ${String(row)}` } : face;
}
