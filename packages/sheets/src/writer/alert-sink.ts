/** Takes alerts. */
export interface AlertSink {
  /** Of a condition, until it is resolved; raised again it is no news. */
  raise: (key: string, alert: SheetAlert) => Promise<void>;
  resolve: (key: string) => Promise<void>;
  /** Of something that has no end; the same key again within a day is no news. */
  notify: (key: string, alert: SheetAlert) => Promise<void>;
}

export interface SheetAlert {
  severity: 'warning';
  title: string;
  text: string;
}
