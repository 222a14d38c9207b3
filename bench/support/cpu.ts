import { readdirSync, readFileSync } from 'node:fs'

const TICKS_A_SECOND = 100

/** The fields of /proc/<pid>/stat after the program's name, which may hold spaces. */
const statOf = (pid: number | string): readonly string[] | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}

/**
 * CPU seconds that a process, its children and those of its children that have ended have used so far. NaN where there is no
 * /proc. Read synchronously, so that the moment is the caller's.
 */
export const cpuSeconds = (pid: number): number => {
  const own = statOf(pid)
  if (own === undefined) return Number.NaN
  // utime, stime, and cutime, cstime of those that were waited for.
  const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(own[at]), 0)
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return children.reduce((sum, name) => {
    const stat = statOf(name)
    return Number(stat?.[1]) === pid ? sum + (Number(stat?.[11]) + Number(stat?.[12])) / 100 : sum
  }, ticks / TICKS_A_SECOND)
}

const statusMb = (pid: number, name: 'VmRSS' | 'VmHWM'): number => {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const [, kb] = new RegExp(`${name}:\\s+(\\d+) kB`).exec(status) ?? []
    return Number(kb) / 1024
  } catch {
    return Number.NaN
  }
}

/** Resident memory of a process in MB; NaN where there is no /proc. */
export const residentMb = (pid: number): number => statusMb(pid, 'VmRSS')

/** The most that was ever resident. */
export const mostResidentMb = (pid: number): number => statusMb(pid, 'VmHWM')
