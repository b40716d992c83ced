/** Shapes with Salt's own filters, for grammar-typed.ts; `$r` is a regular expression, `$s` a size, `$p` a path into data. */
import fc from 'fast-check'

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '')

const expressions = ['a', '(a)(b)?', '[a-z]+', '(\\w+)\\s(\\w+)', '^.', '.$', '(?P<x>o)', '\\d+', '(?i)B', 'l|o', '(l)|(o)', '', '[^a]', 'a*', 'b{1,2}', '\\.', '(?<=a)b', 'o(?!w)', '\\bx', '(', '[äß]', '\\S+?', '(a|ab)(c|)'] // biome-ignore format: a table
const replacements = ['', '-', '\\1', '<\\g<0>>', '\\\\', 'x\\n', '\\2', '$1', 'ä']
const sizes = ['10', '5 MB', '1.5GiB', '2kb', '7 K', '', 'x', '3 mib ', '.5T', '1..2G', '12 b', '1 PiB', '9e', '2 kB x'] // biome-ignore format: a table
const paths = ['b', 'a:1', 'c:k', 'nosuch', 'a:-1', 'c', '0', '1:n', 'n', 'a:x', '2', ':', 'c:k:0'] // biome-ignore format: a table
const addresses = ['10.0.0.1', '::1', '10.0.0.1/24', '256.1.1.1', 'fe80::1%eth0', '2001:DB8::1', '1.2.3', '2001:db8::/32', '01.2.3.4', 'localhost', '::ffff:1.2.3.4'] // biome-ignore format: a table
const calls = ['"upper"', '"split", ","', '"replace", "a", "b"', '"nosuch"', '"zfill", 4', '"get", "b"', '"count", 1', '"startswith", "h"', '"strip"'] // biome-ignore format: a table

const oneOf = (all: readonly string[]): fc.Arbitrary<string> =>
  fc.constantFrom(...all.map((text) => JSON.stringify(text)))

export const saltParts: Readonly<Record<string, fc.Arbitrary<string>>> = {
  r: oneOf(expressions),
  v: oneOf(replacements),
  s: oneOf(sizes),
  p: oneOf(paths),
  w: oneOf(addresses),
  m: fc.constantFrom(...calls),
}

export const saltTexts = lines(`
($t)|quote
($t)|regex_escape
($t)|regex_replace($r, $v)
($t)|regex_replace($r, $v, $b, $b)
($t)|regex_replace($q, $v, ignorecase=$b)
($t)|to_snake_case
($t)|to_camelcase
($t)|to_camelcase(uppercamel=$b)
($t)|base64_encode
($t)|base64_encode|base64_decode
($t)|base64_decode
($t)|md5
($t)|sha1
($t)|sha256
($t)|sha512
($t)|hmac_compute($q)
($t)|path_join($q, $t)
($t)|path_join
($a)|tojson
($d)|tojson(indent=$i)
($a)|tojson(sort_keys=$b)
($a)|json
($d)|json(sort_keys=$b, indent=$i)
($t)|yaml_dquote
($t)|yaml_squote
($a)|yaml_encode
($n)|yaml_encode
($t)|uuid
($a)|uuid
($a)|skip
($t)|method_call($m)
($w)|ipwrap
($a)|string|quote
`)

export const saltNumbers = lines(`
[$n, $n, $i]|avg
($l)|list|avg
($t)|to_num
($n)|string|str_to_num
($n)|to_num
($s)|human_to_bytes
($s)|human_to_bytes("K", $b)
($t)|human_to_bytes
[$n, $i, $n]|min
[$n, $n, $i]|max
($l)|max|string|length
`)

export const saltLists = lines(`
($l)|list|unique
[$a, $a, $a]|unique
[$n, $n, $i, $i]|unique
[$t, $t, $q]|unique
($l)|list|union([$a, $a])
[$a, $n]|union([$a, $n])
[$a, $a, 1]|intersect([$a, 1, $n])
($l)|list|intersect(($l)|list)
[$a, $a]|difference([$a])
($l)|list|difference(($l)|list)
[$a, $n]|symmetric_difference([$n, $a])
($l)|list|symmetric_difference(($l)|list)
($l)|sequence|list
($a)|sequence|list
[$a, [$l, $a], $d]|flatten
[$l, [$n, [none, $a]]]|flatten(levels=$i, preserve_nulls=$b)
[$t, $t, $q]|sorted_ignorecase
($l)|zip($l)|list
($t)|zip($l, $l)|list
($l)|zip($l, strict=$b)|list
($l)|zip_longest($l, fillvalue=$a)|list
($l)|product([$a, $a])|list
[$a, $n]|product(repeat=$i % 4)|list
[$a, $n, $q]|permutations|list
[$a, $n, $q]|permutations($i % 4)|list
[$a, $n, $q]|combinations($i % 4)|list
[$a, $n, $q]|combinations_with_replacement($i % 3)|list
($l)|compress([$a, $a, $a])|list
($l)|list|json_encode_list
($w)|method_call("split", ":")
($t)|regex_search($r)
($t)|regex_match($r, $b, $b)
`)

export const saltDicts = lines(`
(dict(a={"b": 1}, c=[]))|set_dict_key_value($p, $a)
(dict(a={"b": 1}, c=[1]))|append_dict_key_value($p, $a)
(dict(a=[1], c={"k": [2]}))|extend_dict_key_value($p, $l)
(dict(a={"b": 1}, c={"k": {}}))|update_dict_key_value($p, $d)
($d)|json_encode_dict
($l)|list|compare_lists(($l)|list)
[$a, $n]|compare_lists([$n, $a])
`)

export const saltAnything = lines(`
($a)|to_bool
($t)|to_bool
($a)|is_list
($a)|is_iter
[$a, $a, $a]|exactly_n_true($i)
[$a, $a]|exactly_one_true
($q)|substring_in_list([$t, $t])
($t)|contains_whitespace
($t)|is_hex
($n)|is_hex
($t)|check_whitelist_blacklist([$t, "*"], [$q])
($t)|check_whitelist_blacklist(whitelist=[$r, $q])
($t)|check_whitelist_blacklist(blacklist=$q)
($w)|is_ip
($w)|is_ipv4
($w)|is_ipv6
($t)|is_ip
($d)|traverse($p)
($d)|traverse($p, $a)
us|traverse($p, $a)
($l)|list|traverse($p)
($d)|compare_dicts($d)|dictsort
($t)|hmac($q, $q)
($a) is list
($t) is match $r
`)
