import {
  IconAlertTriangle,
  IconBolt,
  IconBox,
  IconBuildingStore,
  IconCalendar,
  IconRosetteDiscount,
  IconFileText,
  IconMessage,
  IconReceiptRefund,
  IconShoppingBag,
  IconSpeakerphone,
  IconTag,
  IconTruckDelivery,
  type Icon,
} from '@tabler/icons-react';
import { Box } from '@mantine/core';

const icons: Readonly<Record<number, Icon>> = {
  1: IconBuildingStore,
  2: IconBuildingStore,
  3: IconShoppingBag,
  4: IconTruckDelivery,
  5: IconSpeakerphone,
  6: IconAlertTriangle,
  7: IconRosetteDiscount,
  8: IconBox,
  9: IconRosetteDiscount,
  10: IconMessage,
  12: IconBuildingStore,
  15: IconFileText,
  16: IconAlertTriangle,
  22: IconTag,
  23: IconCalendar,
  24: IconTruckDelivery,
  25: IconFileText,
  27: IconAlertTriangle,
  28: IconAlertTriangle,
  29: IconReceiptRefund,
  30: IconTruckDelivery,
  36: IconBox,
  47: IconBox,
};

/** An icon for the event type; decorative beside its title. */
export function EventIcon({ code, size = 18 }: { code: number | null; size?: number }) {
  const Icon = (code === null ? undefined : icons[code]) ?? IconBolt;
  return (
    <Box component="span" display="inline-flex" c="dimmed" aria-hidden>
      <Icon size={size} stroke={1.6} />
    </Box>
  );
}
