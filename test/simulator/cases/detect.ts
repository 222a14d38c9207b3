import * as credits from './credits.ts'
import * as ending from './ending.ts'
import * as entering from './entering.ts'
import type { Case } from './names.ts'
import type { Scene } from './scene.ts'

const DETECTORS = [...Object.values(entering), ...Object.values(ending), ...Object.values(credits)]

/** The cases that a block plays, each once. */
export const detect = (scene: Scene): ReadonlySet<Case> =>
  new Set(DETECTORS.flatMap((detector) => [...detector(scene)]))
