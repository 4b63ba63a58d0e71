import { HttpError } from '@shopee-webhook/runtime';
import { LiveSettings, type LiveSettingName } from '@shopee-webhook/store';
import { parseDigest } from '../telegram/digest-plan.ts';
import { parseQuietHours } from '../telegram/quiet-hours.ts';
import type { SettingUpdate } from './api-types.ts';

/** A setting's new value as it is stored; undefined = what the environment says. Throws 400 with what is wrong with it. */
export function settingValue(name: LiveSettingName, { value }: SettingUpdate): unknown {
  if (value === null) return undefined;
  try {
    if (name === 'TELEGRAM_DIGEST') parseDigest(String(value));
    if (name === 'TELEGRAM_QUIET' && value !== '') parseQuietHours(String(value));
  } catch (error) {
    throw refused(error instanceof Error ? error.message : 'cannot be read');
  }
  const checked = LiveSettings.parse({ [name]: value })[name];
  if (checked === undefined) {
    throw refused(name === 'ORDER_EVENT_CODES' ? 'must name at least one event code' : 'is not one of the choices');
  }
  return checked;
}

function refused(why: string): HttpError {
  return new HttpError(400, 'bad_value', why);
}
