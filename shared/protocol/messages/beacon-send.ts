/** Minion → master: what one of its beacons saw. The master makes the tag and says whose beacon it is. */
import * as v from 'valibot'
import { encodedValue } from '../fields.ts'
import { eventKey, longestTag } from './event-send.ts'

/** A step of a tag: `inotify`, or the name that the configuration gives a further one. */
export const beaconName = v.pipe(v.string(), v.maxLength(128), v.regex(/^[^\p{C}\p{Z}/]+$/u, 'not a name'))

export const BeaconSend = v.strictObject({
  key: eventKey,
  beacon: beaconName,
  /** What comes after `salt/beacon/ID/BEACON/`: empty, a path with its `/`, a service. */
  tag: v.pipe(v.string(), v.maxLength(longestTag), v.regex(/^\P{C}*$/u, 'not a tag')),
  data: encodedValue,
})
export type BeaconSend = v.InferOutput<typeof BeaconSend>
