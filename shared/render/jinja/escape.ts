/** HTML's special characters, as markupsafe writes them. */
const special: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  "'": '&#39;',
  '"': '&#34;',
}

export function escapeHtml(text: string): string {
  return /[&<>'"]/.test(text)
    ? text.replace(/[&<>'"]/g, (character) => special[character] ?? character)
    : text
}
