// Beginning of a program in parts: loads parts when they are needed, out of one file that stays open. What replaces the
// files of a running program (an upgrade of itself, in a state) does not change what it is.
const __part = (() => {
  const { openSync, readSync } = require('node:fs')
  const { compileFunction } = require('node:vm')
  const parts = openSync(`${__dirname}/PARTS`, 'r')
  const read = (at, length) => {
    const bytes = Buffer.allocUnsafe(length)
    for (let got = 0; got < length; ) {
      const more = readSync(parts, bytes, got, length - got, at + got)
      if (more === 0) throw new Error(`${__dirname}/PARTS is cut short`)
      got += more
    }
    return bytes
  }
  const head = 12
  const indexLength = Number(read(0, head).toString('latin1'))
  const index = JSON.parse(read(head, indexLength).toString('utf8'))
  const loaded = new Map()
  function part(name) {
    const known = loaded.get(name)
    if (known !== undefined) return known.exports
    if (!Object.hasOwn(index, name)) throw new Error(`${__dirname}/PARTS is of another version: it has no ${name}`)
    const [at, length, ascii] = index[name]
    // Text of ASCII alone takes a byte for a character, as long as it is never decoded as UTF-8.
    const text = read(head + indexLength + at, length).toString(ascii ? 'latin1' : 'utf8')
    const module = { exports: {} }
    loaded.set(name, module)
    const names = ['exports', 'require', 'module', '__filename', '__dirname', '__part']
    const run = compileFunction(text, names, { filename: `${__dirname}/${name}.cjs` })
    run.call(module.exports, module.exports, require, module, __filename, __dirname, part)
    return module.exports
  }
  return part
})()
