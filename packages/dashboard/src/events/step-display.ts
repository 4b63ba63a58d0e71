import {
  IconArrowBackUp,
  IconBrandTelegram,
  IconCheck,
  IconCloudDown,
  IconCopy,
  IconCpu,
  IconDeviceSdCard,
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
  duplicate: { title: 'Sent again; it was queued once', icon: IconCopy, color: 'gray' },
  spooled: { title: 'Received and kept on disk', icon: IconDeviceSdCard, color: 'orange' },
  taken: { title: 'Taken by a consumer', icon: IconCpu, color: 'blue' },
  fetched: { title: 'Fetched from Shopee', icon: IconCloudDown, color: 'blue' },
  written: { title: 'Written to the sheet', icon: IconTable, color: 'green' },
  handled: { title: 'Handled', icon: IconCheck, color: 'green' },
  retried: { title: 'Failed; it is tried again', icon: IconRefresh, color: 'orange' },
  'dead-lettered': { title: 'Given up: a dead letter', icon: IconMailX, color: 'red' },
  replayed: { title: 'Replayed', icon: IconPlayerPlay, color: 'blue' },
  discarded: { title: 'Discarded', icon: IconTrash, color: 'gray' },
  returned: { title: 'Given back: its consumer stopped', icon: IconArrowBackUp, color: 'orange' },
  notified: { title: 'Told on Telegram', icon: IconBrandTelegram, color: 'green' },
  refused: { title: 'Refused', icon: IconShieldX, color: 'red' },
};

/** How a step is shown. */
export function getStepDisplay({ step, row }: Pick<EventStep, 'step' | 'row'>): StepDisplay {
  const face = displays[step];
  return step === 'written' && row !== null ? { ...face, title: `Written to row ${String(row)}` } : face;
}
