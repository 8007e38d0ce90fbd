/* A limit for others' code, which counts in tries and packets and may be kept busy for ever by what chatters. */

/**
 * What `work` comes to. Throws `late()` when neither its end nor a call of `getOn` comes for so many milliseconds; what
 * it does then goes on, and nobody hears of it.
 */
export async function within<T>(
  milliseconds: number,
  late: () => Error,
  work: (getOn: () => void) => Promise<T>,
): Promise<T> {
  let giveUp: (why: Error) => void = () => undefined;
  const over = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  const start = () => setTimeout(() => giveUp(late()), milliseconds);
  let timer = start();
  const getOn = () => {
    clearTimeout(timer);
    timer = start();
  };
  try {
    return await Promise.race([work(getOn), over]);
  } finally {
    clearTimeout(timer);
  }
}
