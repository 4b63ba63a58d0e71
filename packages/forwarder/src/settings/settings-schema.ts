/** What a person is told of a variable. */
export interface SettingSchema {
  name: string;
  group: 'Shopee' | 'Redis' | 'Google Sheets' | 'Telegram' | 'Worker' | 'Jobs' | 'Dashboard' | 'Service';
  service: 'forwarder' | 'worker' | 'both';
  /** In force when the variable is not set; '' = nothing. */
  default: string;
  description: string;
  secret?: boolean;
}

type Service = SettingSchema['service'];
type Line = readonly [name: string, service: Service, fallback: string, meaning: string, secret?: 'secret'];

const lines: Readonly<Record<SettingSchema['group'], readonly Line[]>> = {
  Shopee: [
    ['PARTNER_ID', 'both', '', 'The app’s Partner ID, from its page in Shopee’s console.'],
    ['PARTNER_KEY', 'both', '', 'The app’s API key, which signs our calls to Shopee.', 'secret'],
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
      'The callback URL exactly as typed in the console. Not set: taken from each request.',
    ],
    ['SHOP_ID', 'both', '', 'A shop named in the environment. Others are connected on the page Shops.'],
    ['ACCESS_TOKEN', 'both', '', 'That shop’s access token; used once, then renewed by the worker.', 'secret'],
    ['REFRESH_TOKEN', 'both', '', 'That shop’s refresh token; used once.', 'secret'],
    [
      'ORDER_EVENT_CODES',
      'both',
      '3,4',
      'Events with these codes bring their order into the sheet; all others are told on Telegram only.',
    ],
    ['SHOPEE_API_URL', 'both', 'https://partner.shopeemobile.com', 'Shopee’s API.'],
    ['PUBLIC_URL', 'forwarder', '', 'The URL of this server in browsers; required to connect shops.'],
  ],
  'Google Sheets': [
    [
      'GOOGLE_CREDENTIALS_JSON',
      'worker',
      '',
      'The service account that writes the rows: the path of its file, or its JSON.',
      'secret',
    ],
    ['SPREADSHEET_ID', 'worker', '', 'Which spreadsheet the rows go to; or a list of shop:spreadsheet.'],
    ['SHEETS_ROTATE', 'worker', 'never', 'Whether each year or month gets tabs of its own.'],
    ['SHEETS_SUMMARY', 'worker', 'true', 'Whether the tabs Summary and Costs are made.'],
    ['GOOGLE_SHEETS_API_URL', 'worker', '', 'The Sheets API, if not Google’s own.'],
    ['GOOGLE_TOKEN_URL', 'worker', '', 'Where access tokens for Google come from, if not from Google.'],
  ],
  Telegram: [
    ['TELEGRAM_BOT_TOKEN', 'forwarder', '', 'The bot that sends the alerts. Not set: no alerts.', 'secret'],
    ['TELEGRAM_CHAT_ID', 'forwarder', '', 'The group that the alerts go to.'],
    ['TELEGRAM_MUTE', 'forwarder', '', 'Events with these codes are not told.'],
    [
      'TELEGRAM_DIGEST',
      'forwarder',
      'auto',
      'How many events are gathered into one message: auto, off, minutes, or by code.',
    ],
    ['TELEGRAM_QUIET', 'forwarder', '', 'When messages come without a sound, such as 22:00-08:00 Asia/Jakarta.'],
    [
      'TELEGRAM_MODE',
      'forwarder',
      'post',
      'post: a message for each event. edit: one message for each order, kept up to date.',
    ],
    ['TELEGRAM_COMMANDS', 'forwarder', 'false', 'Whether the bot answers the group’s administrators.'],
    ['TELEGRAM_SHOP_CHATS', 'forwarder', '', 'Shops with a group of their own.'],
    ['TELEGRAM_SHOW_BUYER', 'forwarder', 'name', 'What alerts tell of a buyer: the user name, or everything.'],
    ['SHIP_WARN_HOURS', 'forwarder', '12', 'How long before its ship-by time an order is warned of; 0 = never.'],
    ['TELEGRAM_API_URL', 'forwarder', 'https://api.telegram.org', 'Telegram’s Bot API.'],
  ],
  Worker: [
    ['FORWARD_WEBHOOK_URL', 'forwarder', '', 'Where the worker takes events over HTTP while Redis is away.'],
    ['REDIS_NUM_WORKERS', 'worker', '3', 'How many consumers work side by side.'],
    ['REDIS_MAX_RETRIES', 'both', '3', 'How often an event is tried again before it becomes a dead letter.'],
    ['WORKER_BATCH_SIZE', 'worker', '50', 'How many events a consumer takes at a time.'],
    ['WORKER_MAX_IN_FLIGHT', 'worker', '2000', 'Maximum number of in-flight messages, of all consumers together.'],
    ['FORWARDER_URL', 'worker', 'this machine, at FORWARDER_PORT', 'Where the command line finds the forwarder.'],
    ['WORKER_ID', 'worker', 'host name and port', 'How this worker is called among several.'],
    ['WORKER_PORT', 'worker', '9000', 'Where the worker listens.'],
  ],
  Jobs: [['SCHEDULED_JOBS', 'worker', 'true', 'Whether this worker runs the scheduled jobs.']],
  Redis: [
    ['REDIS_ENABLED', 'both', 'true', 'false: events are kept on disk and handed to the worker over HTTP.'],
    ['REDIS_HOST', 'both', 'redis', 'Where Redis is.'],
    ['REDIS_PORT', 'both', '6379', 'Its port.'],
    ['REDIS_USERNAME', 'both', '', 'Its user, if not the default one.'],
    ['REDIS_PASSWORD', 'both', '', 'Its password.', 'secret'],
    ['REDIS_TLS', 'both', 'false', 'Whether the connection is encrypted.'],
    ['REDIS_SENTINELS', 'both', '', 'Sentinels, in place of one host.'],
    ['REDIS_SENTINEL_MASTER', 'both', '', 'The name by which the sentinels know Redis.'],
    ['REDIS_CLUSTER_NODES', 'both', '', 'Nodes of a Redis Cluster, in place of one host.'],
    ['REDIS_KEY_PREFIX', 'both', 'shopee', 'What all our keys begin with.'],
    ['REDIS_ALLOW_UNSAFE', 'both', 'false', 'Whether a Redis that may lose events is used all the same.'],
    ['REDIS_WAIT_REPLICAS', 'both', '0', 'How many replicas must have an event before it counts as kept.'],
  ],
  Dashboard: [
    [
      'DASHBOARD_PASSWORD',
      'forwarder',
      '',
      'The password of this dashboard. Not set: one was made, and logged once.',
      'secret',
    ],
  ],
  Service: [
    ['LOG_LEVEL', 'both', 'info', 'How much the services log.'],
    [
      'TRUSTED_PROXIES',
      'forwarder',
      '',
      'Reverse proxies whose X-Forwarded-* headers count: addresses, networks or host names.',
    ],
    ['FORWARDER_PORT', 'forwarder', '8000', 'Where the forwarder listens.'],
    ['HOST', 'both', '0.0.0.0', 'On which of this machine’s addresses.'],
    ['DATA_DIR', 'both', 'data', 'Where the services keep what must outlive a restart.'],
    ['LOG_DIR', 'both', 'logs', 'Where the accepted pushes are logged, a file a day.'],
    ['RETENTION_DAYS', 'both', '90', 'How long the history and the logs reach back.'],
    ['SENTRY_DSN', 'both', '', 'Where errors are reported: Sentry or GlitchTip. Not set: in the log only.', 'secret'],
    ['SENTRY_ENVIRONMENT', 'both', 'production', 'What this installation is called there.'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'both', '', 'Where traces go, as OTLP over HTTP. Not set: none are made.'],
  ],
};

/** Every variable, in the order in which a person sets them. */
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

/** What of an environment may be shown: the values of those that are no secrets, and which secrets are set. */
export function visibleEnvironment(env: Readonly<Record<string, string | undefined>>): ReadonlyMap<string, string> {
  return new Map(
    settingsSchema.flatMap(({ name, secret }): [string, string][] => {
      const value = env[name];
      return value === undefined || value === '' ? [] : [[name, secret === true ? '' : value]];
    }),
  );
}
