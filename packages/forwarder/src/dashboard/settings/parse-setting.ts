import { HttpError } from '@shopee-webhook/runtime';
import { RuntimeSettings, type RuntimeSettingName } from '@shopee-webhook/store';
import { parseDigest, parseQuietHours } from '@shopee-webhook/runtime';
import type { SettingUpdate } from '@shopee-webhook/contracts/dashboard-api';

/** A setting's new value as it is stored; undefined = what the environment says. Throws 400 with what is wrong with it. */
export function parseSetting(name: RuntimeSettingName, { value }: SettingUpdate): unknown {
  if (value === null) return undefined;
  try {
    if (name === 'TELEGRAM_DIGEST') parseDigest(String(value));
    if (name === 'TELEGRAM_QUIET' && value !== '') parseQuietHours(String(value));
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : 'is invalid');
  }
  const checked = RuntimeSettings.parse({ [name]: value })[name];
  if (checked === undefined) {
    throw invalid(name === 'ORDER_EVENT_CODES' ? 'must name at least one event code' : 'is not an allowed value');
  }
  return checked;
}

function invalid(reason: string): HttpError {
  return new HttpError(400, 'bad_value', reason);
}
