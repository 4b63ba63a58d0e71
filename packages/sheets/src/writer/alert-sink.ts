/** Takes an alert that has no end; the same key again within a day is no news. */
export interface AlertSink {
  notify: (key: string, alert: SheetAlert) => Promise<void>;
}

export interface SheetAlert {
  severity: 'warning';
  title: string;
  text: string;
}
