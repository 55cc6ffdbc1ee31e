/** Words that people sort cases and evidence by. */
import { z } from 'zod';

/** Without quotes, backslashes, commas and control characters, so that a list of tags can be searched as text. */
export const tag = z
  .string()
  .trim()
  .min(1)
  .max(60)
  .regex(/^[^"\\,\p{Cc}]+$/u, 'a tag holds no quotes, backslashes, commas or control characters');
