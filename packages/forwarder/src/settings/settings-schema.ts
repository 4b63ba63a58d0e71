/** What the dashboard shows of an environment variable. */
export interface SettingSchema {
  name: string;
  group: 'Shopee' | 'Redis' | 'Google Sheets' | 'Telegram' | 'Worker' | 'Jobs' | 'Dashboard' | 'Service';
  service: 'forwarder' | 'worker' | 'both';
  /** The value when the variable is not set; '' = none. */
  default: string;
  description: string;
  secret?: boolean;
}

type Service = SettingSchema['service'];
type Line = readonly [name: string, service: Service, fallback: string, meaning: string, secret?: 'secret'];

const lines: Readonly<Record<SettingSchema['group'], readonly Line[]>> = {
  Shopee: [
    ['PARTNER_ID', 'both', '', 'The app’s Partner ID, from its page in Shopee’s console.'],
    ['PARTNER_KEY', 'both', '', 'The app’s API key, which signs calls to Shopee.', 'secret'],
    [
      'WEBHOOK_PARTNER_KEY',
      'forwarder',
      '',
      'The key of the console’s push page, which signs the pushes; several, separated by commas, while it is rotated.',
      'secret',
    ],
    [
      'WEBHOOK_URL',
      'forwarder',
      '',
      'The callback URL exactly as entered in the console. Not set: derived from each request.',
    ],
    ['SHOP_ID', 'both', '', 'A shop configured here. Others are connected on the page Shops.'],
    ['ACCESS_TOKEN', 'both', '', 'That shop’s access token; used once, then refreshed by the worker.', 'secret'],
    ['REFRESH_TOKEN', 'both', '', 'That shop’s refresh token; used once.', 'secret'],
    [
      'ORDER_EVENT_CODES',
      'both',
      '3,4',
      'Events with these codes write the order to the sheet; all others only send a notification.',
    ],
    ['SHOPEE_API_URL', 'both', 'https://partner.shopeemobile.com', 'Shopee API base URL.'],
    ['PUBLIC_URL', 'forwarder', '', 'The URL of this server in browsers; required to connect shops.'],
  ],
  'Google Sheets': [
    [
      'GOOGLE_CREDENTIALS_JSON',
      'worker',
      '',
      'The service account that writes the rows: path of its key file, or the JSON itself.',
      'secret',
    ],
    ['SPREADSHEET_ID', 'worker', '', 'The spreadsheet for the rows; or a list of shop:spreadsheet.'],
    ['SHEETS_ROTATE', 'worker', 'never', 'Separate tabs per year or month.'],
    ['SHEETS_SUMMARY', 'worker', 'true', 'Whether the tabs Summary and Costs are created.'],
    [
      'PAYOUT_OVERDUE_DAYS',
      'worker',
      '7',
      'Days after completion until a payout that Shopee gives no time for is overdue, e.g. `7`, or by market `7,BR:14`.',
    ],
    ['GOOGLE_SHEETS_API_URL', 'worker', '', 'Sheets API base URL override.'],
    ['GOOGLE_TOKEN_URL', 'worker', '', 'Google token URL override.'],
  ],
  Telegram: [
    ['TELEGRAM_BOT_TOKEN', 'forwarder', '', 'The bot that sends notifications. Not set: none are sent.', 'secret'],
    ['TELEGRAM_CHAT_ID', 'forwarder', '', 'The group for notifications.'],
    ['TELEGRAM_MUTE', 'forwarder', '', 'Events with these codes send no notification.'],
    ['TELEGRAM_DIGEST', 'forwarder', 'auto', 'Digests: auto, off, minutes, or by code.'],
    ['TELEGRAM_QUIET', 'forwarder', '', 'Quiet hours, with silent messages, such as 22:00-08:00 Asia/Jakarta.'],
    ['TELEGRAM_MODE', 'forwarder', 'post', 'post: a message per event. edit: one message per order, updated in place.'],
    ['TELEGRAM_COMMANDS', 'forwarder', 'false', 'Whether the bot accepts commands of the group’s administrators.'],
    ['TELEGRAM_SHOP_CHATS', 'forwarder', '', 'Shops with a separate group.'],
    ['TELEGRAM_SHOW_BUYER', 'forwarder', 'name', 'Buyer data in notifications: the user name, or everything.'],
    ['SHIP_WARN_HOURS', 'forwarder', '12', 'Hours before the ship-by time at which a reminder is sent; 0 = never.'],
    ['TELEGRAM_API_URL', 'forwarder', 'https://api.telegram.org', 'Telegram Bot API base URL.'],
  ],
  Worker: [
    ['FORWARD_WEBHOOK_URL', 'forwarder', '', 'The worker’s URL for events over HTTP while Redis is unavailable.'],
    ['REDIS_NUM_WORKERS', 'worker', '3', 'Number of parallel consumers.'],
    ['REDIS_MAX_RETRIES', 'both', '3', 'Retries before an event is dead-lettered.'],
    ['WORKER_BATCH_SIZE', 'worker', '50', 'Events per batch of a consumer.'],
    ['WORKER_MAX_IN_FLIGHT', 'worker', '2000', 'Maximum number of in-flight messages, of all consumers together.'],
    ['FORWARDER_URL', 'worker', 'this machine, at FORWARDER_PORT', 'The forwarder’s URL for the command line.'],
    ['WORKER_ID', 'worker', 'host name and port', 'Unique worker id.'],
    ['WORKER_PORT', 'worker', '9000', 'Port of the worker.'],
  ],
  Jobs: [['SCHEDULED_JOBS', 'worker', 'true', 'Whether this worker runs the scheduled jobs.']],
  Redis: [
    ['REDIS_ENABLED', 'both', 'true', 'false: events are spooled to disk and delivered to the worker over HTTP.'],
    ['REDIS_HOST', 'both', 'redis', 'Redis host.'],
    ['REDIS_PORT', 'both', '6379', 'Redis port.'],
    ['REDIS_USERNAME', 'both', '', 'Redis user, if not the default one.'],
    ['REDIS_PASSWORD', 'both', '', 'Redis password.', 'secret'],
    ['REDIS_TLS', 'both', 'false', 'Whether the connection uses TLS.'],
    ['REDIS_SENTINELS', 'both', '', 'Sentinels, instead of one host.'],
    ['REDIS_SENTINEL_MASTER', 'both', '', 'Name of the master at the sentinels.'],
    ['REDIS_CLUSTER_NODES', 'both', '', 'Nodes of a Redis Cluster, instead of one host.'],
    ['REDIS_KEY_PREFIX', 'both', 'shopee', 'Redis key prefix.'],
    ['REDIS_ALLOW_UNSAFE', 'both', 'false', 'Whether to use a Redis that may lose events.'],
    ['REDIS_WAIT_REPLICAS', 'both', '0', 'How many replicas must have an event before it counts as persisted.'],
  ],
  Dashboard: [
    [
      'DASHBOARD_PASSWORD',
      'forwarder',
      '',
      'The password of this dashboard. Not set: one was generated and logged once.',
      'secret',
    ],
  ],
  Service: [
    ['LOG_LEVEL', 'both', 'info', 'Log level.'],
    [
      'TRUSTED_PROXIES',
      'forwarder',
      '',
      'Reverse proxies whose X-Forwarded-* headers count: addresses, networks or host names.',
    ],
    ['FORWARDER_PORT', 'forwarder', '8000', 'Port of the forwarder.'],
    ['HOST', 'both', '0.0.0.0', 'Bind address.'],
    ['DATA_DIR', 'both', 'data', 'Folder for persistent data.'],
    ['LOG_DIR', 'both', 'logs', 'Folder for the event log, one file per day.'],
    ['RETENTION_DAYS', 'both', '90', 'Retention of history and logs, in days.'],
    ['SENTRY_DSN', 'both', '', 'Error reporting: Sentry or GlitchTip. Not set: log only.', 'secret'],
    ['SENTRY_ENVIRONMENT', 'both', 'production', 'Environment name for error reports.'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'both', '', 'OTLP endpoint for traces, over HTTP. Not set: no traces.'],
  ],
};

/** Every variable, in setup order. */
export const settingsSchema: readonly SettingSchema[] = Object.entries(lines).flatMap(([group, settings]) =>
  settings.map(([name, service, defaultValue, description, secret]): SettingSchema => ({
    name,
    group: group as SettingSchema['group'],
    service,
    default: defaultValue,
    description,
    ...(secret === undefined ? {} : { secret: true }),
  })),
);

/** The part of an environment that may be shown: values that are not secret, and which secrets are set. */
export function visibleEnvironment(env: Readonly<Record<string, string | undefined>>): ReadonlyMap<string, string> {
  return new Map(
    settingsSchema.flatMap(({ name, secret }): [string, string][] => {
      const value = env[name];
      return value === undefined || value === '' ? [] : [[name, secret === true ? '' : value]];
    }),
  );
}
