/** Milliseconds on a clock that all processes of the machine share. */
export const clock = (): number => performance.timeOrigin + performance.now()
