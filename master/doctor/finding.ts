/** Something that is not as it should be, and what mends it. */
export interface Finding {
  readonly problem: string
  /** One line for a shell. Absent: a person has to look. */
  readonly command?: string
}
