#!/bin/sh
# Gathers the plugin's strings into the template, merges them into every translation and writes the files that
# WordPress reads (.l10n.php: it takes them before .mo since 6.5, which is what the plugin asks for).
# Needs gettext and PHP. Fails when a translation is incomplete.
set -eu
cd "$(dirname "$0")/.."

find . -name '*.php' -not -path './tests/*' -not -path './languages/*' | sort |
	xgettext --files-from=- --language=PHP --from-code=UTF-8 --output=languages/bazgasht-bridge.pot \
		--package-name='Bazgasht Bridge' --no-wrap --sort-by-file --add-location=file --add-comments=translators \
		--keyword=__:1,2t --keyword=_e:1,2t --keyword=esc_html__:1,2t --keyword=esc_html_e:1,2t \
		--keyword=esc_attr__:1,2t --keyword=esc_attr_e:1,2t --keyword=_x:1,2c,3t --keyword=_n:1,2,4t
# The plugin's own line in the list of plugins, and no date: the same strings give the same file.
for header in 'Plugin Name' 'Description'; do
	printf '\n#. %s of the plugin\nmsgid "%s"\nmsgstr ""\n' "$header" \
		"$(sed -n "s/^ \* $header: *//p" bazgasht-bridge.php)" >>languages/bazgasht-bridge.pot
done
sed -i -e '/^"POT-Creation-Date/d' -e 's/charset=CHARSET/charset=UTF-8/' -e '1,/^$/{/^#/d}' languages/bazgasht-bridge.pot

for po in languages/bazgasht-bridge-*.po; do
	msgmerge --quiet --no-wrap --add-location=file --no-fuzzy-matching --update --backup=none "$po" languages/bazgasht-bridge.pot
	msgattrib --no-obsolete --no-wrap --add-location=file --output-file="$po" "$po"
	msgfmt --check --output-file=/dev/null "$po"
	left=$(msgattrib --untranslated "$po" | grep -c '^msgid ' || true)
	[ "$left" -eq 0 ] || { echo "$po: $((left - 1)) strings are not translated" >&2; missing=1; }
	php languages/make.php "$po"
done
[ -z "${missing:-}" ]
