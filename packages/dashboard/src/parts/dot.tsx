import { Box } from '@mantine/core';
import classes from './dot.module.css';

/** A small status light. Color is never the only signal: a label stands beside it. */
export function Dot({ color }: { color: string }) {
  return <Box className={classes['dot']} c={`${color}.6`} aria-hidden />;
}
