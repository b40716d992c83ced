/** What we use of node-forge's ASN.1 layer, loaded alone: the rest of forge costs 40 ms of start-up. */
declare module 'node-forge/lib/asn1.js' {
  export interface Asn1 {
    readonly tagClass: number
    readonly type: number
    readonly constructed: boolean
    /** Content as a binary string, or the parts of a constructed node. */
    readonly value: string | Asn1[]
  }
  interface Bytes {
    getBytes(): string
  }
  interface DerOptions {
    readonly strict: boolean
    readonly parseAllBytes: boolean
    readonly decodeBitStrings: boolean
    readonly maxDepth: number
  }
  const asn1: {
    create(tagClass: number, type: number, constructed: boolean, value: string | Asn1[]): Asn1
    fromDer(bytes: string, options: DerOptions): Asn1
    toDer(node: Asn1): Bytes
    oidToDer(oid: string): Bytes
    derToOid(bytes: string): string
  }
  export default asn1
}
