/** Pages that show what changes while work goes on. */

/**
 * Calls `act` when what `pulse` tells has changed, at most once a second. For a component that is being set up: it ends with it.
 * @param pulse of state; its first value that is not empty is what is there already
 */
export function followPulse(pulse: () => string, act: () => void): void {
  let before = '';
  let timer: ReturnType<typeof setTimeout> | undefined;
  $effect(() => {
    const now = pulse();
    if (before !== '' && now !== before)
      timer ??= setTimeout(() => {
        timer = undefined;
        act();
      }, 1000);
    before = now;
  });
  $effect(() => () => clearTimeout(timer));
}
