package seed

import (
	"embed"
	"fmt"
	"strconv"
	"strings"
)

//go:embed texts/*.txt
var texts embed.FS

// library is the embedded texts, read.
type library struct {
	general   map[string][]string
	companies map[string][]string // words
	peoples   []people
	topics    []*topic
}

// topic is what tickets are about, with what is said about it.
type topic struct {
	key, name, product, parent string
	tags                       []string
	weight                     int
	said                       map[string][]string // a line may begin with the numbers of the scenarios that it fits: "13| "
	scenarios                  int
}

// fitting are the lines of a section that fit a scenario; of the general ones where there are none.
func (l *library) fitting(t *topic, section string, scenario int) []string {
	var lines []string
	for _, line := range t.said[section] {
		numbers, text, marked := strings.Cut(line, "| ")
		if !marked || strings.Trim(numbers, "123456789") != "" {
			lines = append(lines, line)
		} else if strings.Contains(numbers, strconv.Itoa(scenario)) {
			lines = append(lines, text)
		}
	}
	if len(lines) == 0 {
		return l.general[section]
	}
	return lines
}

// people is where names come from.
type people struct {
	locale        string
	zones         []string
	given, family []name
}

// name is part of a person's name as people read it and as it is written in an address.
type name struct{ shown, plain string }

// topicFiles are the topics in the order of their categories.
var topicFiles = []string{
	"dns", "load_balancing", "cache", "workers", "r2", "zero_trust", "tls", "waf", "registrar", "billing", "api", "dashboard",
}

func readLibrary() (*library, error) {
	l := &library{}
	var err error
	if _, l.general, err = sections("general"); err != nil {
		return nil, err
	}
	if _, l.companies, err = sections("companies"); err != nil {
		return nil, err
	}
	for key, lines := range l.companies {
		l.companies[key] = strings.Fields(strings.Join(lines, " "))
	}
	if l.peoples, err = readPeoples(); err != nil {
		return nil, err
	}
	for _, file := range topicFiles {
		head, said, err := sections(file)
		if err != nil {
			return nil, err
		}
		weight, err := strconv.Atoi(head["weight"])
		if err != nil {
			return nil, fmt.Errorf("%s: weight: %w", file, err)
		}
		for _, section := range []string{"subject", "opening", "ask", "answer", "progress", "fix", "note"} {
			if len(said[section]) == 0 {
				return nil, fmt.Errorf("%s: nothing under %s", file, section)
			}
		}
		l.topics = append(l.topics, &topic{
			key: head["key"], name: head["name"], product: head["product"], parent: head["parent"],
			tags: strings.Fields(head["tags"]), weight: weight, said: said, scenarios: len(said["opening"]),
		})
	}
	return l, nil
}

// sections reads a file of "key: value" lines followed by parts that begin with "## name" and have a text on each line.
func sections(file string) (head map[string]string, parts map[string][]string, err error) {
	content, err := texts.ReadFile("texts/" + file + ".txt")
	if err != nil {
		return nil, nil, err
	}
	head, parts = map[string]string{}, map[string][]string{}
	part := ""
	for line := range strings.Lines(string(content)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "":
		case strings.HasPrefix(line, "## "):
			part = line[3:]
		case part != "":
			parts[part] = append(parts[part], strings.ReplaceAll(line, `\n`, "\n"))
		default:
			key, value, ok := strings.Cut(line, ": ")
			if !ok {
				return nil, nil, fmt.Errorf("%s: cannot read %q", file, line)
			}
			head[key] = value
		}
	}
	return head, parts, nil
}

func readPeoples() ([]people, error) {
	content, err := texts.ReadFile("texts/people.txt")
	if err != nil {
		return nil, err
	}
	var peoples []people
	for line := range strings.Lines(string(content)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.Split(strings.TrimSpace(line), " | ")
		if len(parts) != 4 {
			return nil, fmt.Errorf("people: %q has %d parts", line, len(parts))
		}
		peoples = append(peoples, people{
			locale: parts[0], zones: strings.Fields(parts[1]), given: names(parts[2]), family: names(parts[3]),
		})
	}
	return peoples, nil
}

func names(list string) []name {
	var all []name
	for word := range strings.FieldsSeq(list) {
		shown, plain, ok := strings.Cut(word, ":")
		if !ok {
			plain = strings.ToLower(shown)
		}
		all = append(all, name{shown, plain})
	}
	return all
}

// person is a full name, and the name in an address.
func (p people) person(r *random) (shown, address string) {
	first, last := pick(r, p.given), pick(r, p.family)
	shown = first.shown + " " + last.shown
	if familyFirst(p.locale) {
		shown = last.shown + " " + first.shown
	}
	return shown, first.plain + "." + last.plain
}

// familyFirst tells whether a language puts the family's name in front.
func familyFirst(locale string) bool {
	language, _, _ := strings.Cut(locale, "-")
	return language == "ja" || language == "zh" || language == "ko"
}

// called is how a letter addresses somebody: by the given name, or by the whole name where that is the custom.
func called(shown, locale string) string {
	if familyFirst(locale) {
		return shown
	}
	first, _, _ := strings.Cut(shown, " ")
	return first
}
