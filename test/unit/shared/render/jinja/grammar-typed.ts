/**
 * Random expressions whose parts fit together: texts get methods of texts, lists get filters of lists, with random
 * arguments. Few of them end in an error, so that each compares something.
 */
import fc from 'fast-check'
import { saltAnything, saltDicts, saltLists, saltNumbers, saltParts, saltTexts } from './grammar-salt.ts'

type Made = fc.Arbitrary<string>

const pieces = ['a', 'B', 'ab', 'o', 'l', ' ', '  ', ',', '.', '-', '_', '1', '07', '%', '<', '&', '"', 'ä', 'ß', '\n', '\t', 'x y', 'É', '😀', 'ﬁ', '{', '0x1f', '1.5', 'The'] // biome-ignore format: a table
const quoted: Made = fc
  .array(fc.constantFrom(...pieces), { maxLength: 4 })
  .map((all) => JSON.stringify(all.join('')).replaceAll("'", "\\'"))
const small = fc.oneof(fc.integer({ min: -4, max: 12 }), fc.integer({ min: 0, max: 4 })).map(String)
const count = fc.integer({ min: 1, max: 9 }).map(String)
const truth = fc.constantFrom('true', 'false')
const letter = fc.constantFrom('"*"', '"-"', '" "', '"ä"')

/** `shape` with each `$t` (text), `$q` (literal), `$n`, `$i` (small), `$c` (1 to 9), `$b`, `$f` (a character), `$l`, `$d`, `$a` filled in. */
function fill(shape: string, parts: Readonly<Record<string, Made>>): Made {
  const split = shape.split(/(\$[a-z])/)
  const made = split.map(
    (part) => (part.startsWith('$') ? parts[part.slice(1)] : undefined) ?? fc.constant(part),
  )
  return fc.tuple(...made).map((all) => all.join(''))
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '')

const texts = lines(`
$t
($t).upper()
($t).lower()
($t).title()
($t).capitalize()
($t).swapcase()
($t).casefold()
($t).strip()
($t).strip($q)
($t).lstrip($q)
($t).rstrip($q)
($t).replace($q, $q)
($t).replace($q, $q, $i)
($t).center($i, $f)
($t).ljust($i)
($t).rjust($i, $f)
($t).zfill($i)
($t).expandtabs($i)
($t).removeprefix($q)
($t).removesuffix($q)
($t).join($l|map("string"))
($t).partition($q)[$i % 3]
($t).rpartition($q)[2]
($t) ~ ($a)
($t) + ($t)
($t) * $c
($t)[$i:$i]
($t)[::-$c]
($t)[$i:]
($t)[:$i:$c]
($t)|capitalize
($t)|center($i)
($t)|default($q, $b)
($a)|default($q)
($t)|escape
($t)|e|replace($q, $q)
($t)|format($a, $a)
($t)|indent($i, $b, $b)
($t)|indent($q)
($t)|join($q)
($l)|join($q)
($d)|join($q)
($l)|join($t, attribute="n")
($t)|lower
($t)|replace($q, $q, $c)
($t)|reverse
($a)|string
($t)|striptags
($t)|title
($t)|trim
($t)|trim($q)
($t)|truncate($c)
($t)|truncate($c, $b, $q, $i)
($t)|truncate($i, $b, "", 0)
($t)|upper
($t)|urlencode
($d)|urlencode
($t)|urlize
($t)|urlize($i, $b)
($t)|wordwrap($c)
($t)|wordwrap($c, $b, $q, $b)
($d)|xmlattr
($d)|xmlattr($b)
($a)|pprint
($n)|filesizeformat($b)
($l)|first|string
($l)|last|string
($a)|forceescape
($t)|safe ~ $q
"%s" % ($a,)
"%r" % ($a,)
"%d|%5d|%-5d|%05d|%+d" % (($n)|int, $i, $i, $i, $i)
"%.3f|%8.2f|%e|%g" % ($n, $n, $n, $n)
"%x|%o|%X|%#x" % ($i, $i, $i, $i)
"%$c.$cs|%-$cs|%$cs" % ($t, $t, $t)
"%(k)s %(j)r" % {"k": $a, "j": $a}
"{}{}".format($a, $a)
"{0}{1!r}{0}".format($a, $a)
"{:>$c}|{:<$c}|{:^$c}".format($t, $t, $t)
"{:*^$c.$c}".format($t)
"{:.2f}|{:,}|{:e}|{:g}|{:%}".format($n, $n, $n, $n, $n)
"{:$c.$cf}|{:+}|{: }|{:0$cd}".format($n, $n, $n, $i)
"{:x}{:b}{:o}{:#X}{:_}{:c}".format($i, $i, $i, $i, $i, 64 + $c)
"{k[b]}{j}".format(k=d, j=$a)
`)

const numbers = lines(`
$n
($n) + ($n)
($n) - ($n)
($n) * ($n)
($n) / $c
($n) // $c
($n) % $c
($n) ** ($i % 4)
($n) // ($n)
($n) % ($n)
-($n)
+($n)
($n)|abs
($n)|round($i)
($n)|round($i, "floor")
($n)|round($i % 3, "ceil")
($n)|round
($n)|int
($t)|int($i)
($t)|int(0, 16)
($t)|int($i, 8)
($t)|float
($t)|float($n)
($t)|length
($t)|wordcount
($t).find($q)
($t).rfind($q, $i)
($t).count($q)
($t).find($q, $i, $i)
($l)|length
($l)|count
($d)|length
[$n, $n, $n]|sum
[$n, $n]|sum(start=$n)
us|sum(attribute="a", start=$n)
[$n, $n, $i]|max
[$n, $n, $i]|min
[$n, $i]|first
($l).count($a)
(($n)|int).bit_length()
$n if $a else $n
`)

const lists = lines(`
$l
[$a, $a]
($t, $n)
[$n, $n, $n]
[$t, $t, $q]
($l) + [$a]
($l)[$i:$i]
($l)[::-1]
($l)[$i::$c]
[$n, $i] * ($i % 3)
($t).split()
($t).split($q ~ "x")
($t).split($f, $i)
($t).rsplit($f, $i)
($t).rsplit(none, $c)
($t).splitlines($b)
($t).partition($f)
($t)|list
($l)|list
($l)|reverse|list
($l)|batch($c)|list
($l)|batch($c, $a)|list
($l)|slice($c)|list
($l)|slice($c, $a)|list
($l)|map("string")|list
($l)|map("default", $a)|list
($l)|map("length")|list
[$t, $t]|map("upper")|list
[$t, $t]|map("replace", $q, $q)|list
[$t, $n]|map("int", $i)|list
[$n, $i]|map("round", $i)|list
us|map(attribute=$k)|list
us|map(attribute=$k, default=$a)|list
us|selectattr($k)|map(attribute="n")|list
us|rejectattr($k)|list|length
us|selectattr($k, "defined")|list
us|selectattr("a", "ge", $i)|map(attribute="n")|list
us|sort(attribute=$k, reverse=$b)|map(attribute="n")|list
us|groupby($k)|map("first")|list
us|groupby($k, default=$q)|list
us|map("items")|map("list")|list
($l)|select|list
($l)|reject("none")|list
($l)|select("string")|list
($l)|select("in", [$a, 1])|list
($l)|reject("equalto", $a)|list
[$n, $n, $i]|select("gt", $n)|list
[$i, $i, $c]|select("divisibleby", $c)|list
[$i, $i, $c]|reject("even")|list
[$n, $n, $n]|sort(reverse=$b)
[$t, $t, $q]|sort($b, $b)
[[$n, $i], [$n, $c]]|sort
($d)|dictsort
($d)|dictsort($b, reverse=$b)
{$q: $n, $q: $i, "k": $n}|dictsort(by="value", reverse=$b)
($d)|list
($d)|items|list
($d).keys()|list
($d).values()|list
($d).items()|list
range($i)|list
range($i, $i)|list
range($i, $i, $c)|list
range($i, $i, -$c)
`)

const dicts = lines(`
$d
{$q: $a, $q: $a}
{$n: $a, $q: $a, $i: $t}
dict(a=$a, b=$a)
dict($d|items|list, z=$a)
dict([($q, $a)])
{"k": $d, $t: $l}
($d).copy()
`)

const anything = lines(`
$t
$n
$l
$d
$a is defined
($t) is lower
($t) is upper
($n) is odd
($n) is divisibleby $c
($a) is string
($a) is number
($a) is integer
($a) is float
($a) is mapping
($a) is sequence
($a) is iterable
($a) is sameas none
($a) is in [$a, $a]
($a) == ($a)
($a) != ($a)
($n) < ($n)
($n) >= ($n)
$i < ($n) <= $c
($t) < ($t)
($t) in ($t)
($a) in ($l)
($t) in ($d)
($a) not in ($l)
not ($a)
($a) and ($a)
($a) or ($a)
($a) if ($a) else ($a)
($a)|default($a, $b)
($d).get($q, $a)
($d).get($t)
($d)[$q]|default($a)
($d).b|default($a)
($l)|first
($l)|last
($l)[$i]|default($a)
($t)[$i]|default($q)
($t)|attr($q)|default($a)
($t).startswith($q)
($t).endswith($q)
($t).startswith($q, $i)
($t).isdigit()
($t).isalpha()
($t).isalnum()
($t).islower()
($t).istitle()
($t).isspace()
($t).isdecimal()
($t).isnumeric()
($t).isidentifier()
($l).index($a)
none
nosuch|default($a)
`)

const leaves = {
  t: fc.oneof(fc.constantFrom('s', 'e', 'u', 'm', 'num'), quoted, quoted),
  n: fc.oneof(
    fc.constantFrom('n', 'z', 'neg', 'f', 'g', 'big', 'true', '0.1', '1e20', '1.5e-7', '-2.5', '1e16', '123456789.125', '0x1F'), // biome-ignore format: a table
    small,
    fc.integer({ min: -30_000, max: 30_000 }).map((value) => `${value / 100}`),
  ),
  l: fc.constantFrom('l', 'ls', 'x', 'el', 'us', '[1, 2.0, "a"]', '("b", "a")', '[none, true]'),
  d: fc.constantFrom('d', 'ed', 'us[0]', '{"b": 1, "A": 2.5}', '{1: "x", 2: none}'),
}

export const { typed } = fc.letrec<Record<'t' | 'n' | 'l' | 'd' | 'a' | 'typed', string>>((tie) => {
  const parts = {
    t: tie('t'),
    n: tie('n'),
    l: tie('l'),
    d: tie('d'),
    a: tie('a'),
    q: quoted,
    i: small,
    c: count,
    b: truth,
    f: letter,
    ...saltParts,
    k: fc.constantFrom('"n"', '"a"', '"t"', '"n"', '"z"', '"n.0"'),
  }
  const kind = (leaf: Made, shapes: readonly string[]): Made =>
    fc.oneof({ maxDepth: 3, depthIdentifier: 'typed' }, leaf, ...shapes.map((shape) => fill(shape, parts)))
  const leaf = fc.oneof(leaves.t, leaves.n, leaves.l, leaves.d)
  return {
    t: kind(leaves.t, [...texts, ...saltTexts]),
    n: kind(leaves.n, [...numbers, ...saltNumbers]),
    l: kind(leaves.l, [...lists, ...saltLists]),
    d: kind(leaves.d, [...dicts, ...saltDicts]),
    a: kind(leaf, [...anything, ...saltAnything]),
    typed: fc
      .array(fc.oneof(tie('t'), tie('t'), tie('n'), tie('l'), tie('l'), tie('d'), tie('a')), {
        minLength: 1,
        maxLength: 2,
      })
      .map((all) => all.map((one) => `{{ ${one} }}`).join('|')),
  }
})
