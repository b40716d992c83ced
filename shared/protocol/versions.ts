/**
 * Protocol versions. WHEN YOU CHANGE A MESSAGE: a field that old peers may leave out is optional and needs no new
 * version where only newer peers are sent it; schemas are strict, so whoever sends it looks at the version that both
 * speak. Anything else raises `newest`, keeps the old schema's golden files under test/golden/protocol/v<N>/
 * parsing, and is written down in docs/decisions/. Envelopes carry `oldest`, which whoever speaks a common version takes.
 */
export const protocolVersions = { oldest: 1, newest: 2 } as const

/** From which version on a job may be several functions (decision 0230). */
export const severalFunctionsSince = 2

/** Largest text frame or binary part before authentication, in bytes. */
export const maxFrameBeforeAuthentication = 64 * 1024
/** Largest single frame after it; longer messages travel in parts. */
export const maxFrame = 1024 * 1024
/** Largest message put together from parts. */
export const maxMessage = 64 * 1024 * 1024
