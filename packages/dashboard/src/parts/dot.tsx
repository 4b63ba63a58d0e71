import { Box } from '@mantine/core';
import classes from './dot.module.css';

/** A small light. Colour is never the only sign: a word stands beside it. */
export function Dot({ color }: { color: string }) {
  return <Box className={classes['dot']} c={`${color}.6`} aria-hidden />;
}
