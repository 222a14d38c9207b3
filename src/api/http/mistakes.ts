import type { Meter } from './meter.ts'
import type { GetEnveloped } from './operation.ts'

/** Parsing and validating at the cost of those whose operations do not pass; nothing more is read for who has spent twice what there was. */
export const chargeMistakes =
  (getEnveloped: GetEnveloped, meter: Meter): GetEnveloped =>
  (context) => {
    const { client, params } = context
    const { parse, validate, ...enveloped } = getEnveloped(context)
    const charge = () => meter.chargeMistake(client, params.query.length)
    return {
      ...enveloped,
      parse: (text) => {
        const refused = meter.refusal(client, 2)
        if (refused !== undefined) throw refused
        try {
          return parse(text)
        } catch (error) {
          charge()
          throw error
        }
      },
      validate: (schema, document) => {
        const errors = validate(schema, document)
        if (errors.length > 0) charge()
        return errors
      },
    }
  }
