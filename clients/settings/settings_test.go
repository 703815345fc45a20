package settings_test

import (
	"bytes"
	"errors"
	"flag"
	"strings"
	"testing"
	"time"

	"supportgraph/clients/settings"
)

// inner stands for what a package wants to be set.
type inner struct {
	Wait time.Duration `env:"WAIT" envDefault:"2s" help:"how long"`
	Key  string        `env:"KEY" production:"required" help:"which"`
}

func (i *inner) Faults() []settings.Fault {
	if i.Wait > time.Minute {
		return []settings.Fault{{Key: "WAIT", Err: errors.New("a minute at most")}}
	}
	return nil
}

type outer struct {
	Environment string `env:"ENVIRONMENT" envDefault:"production" oneof:"production,demo" help:"what kind"`
	Trick       string `env:"TRICK" envDefault:"off" demo:"on" oneof:"on,off" production:"off" help:"for demos"`
	Inner       inner
}

func TestRead(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, environment, args string
		want                    outer
		faults                  string
	}{
		{name: "defaults", environment: "KEY=k", want: outer{"production", "off", inner{2 * time.Second, "k"}}},
		{name: "a demo's defaults", environment: "ENVIRONMENT=demo", want: outer{"demo", "on", inner{2 * time.Second, ""}}},
		{name: "a demo can be told otherwise", environment: "ENVIRONMENT=demo TRICK=off", want: outer{"demo", "off", inner{2 * time.Second, ""}}},
		{name: "flags go first", environment: "KEY=k WAIT=never", args: "--wait 3s --key=f", want: outer{"production", "off", inner{3 * time.Second, "f"}}},
		{name: "missing", faults: "KEY: missing"},
		{name: "refused", environment: "KEY=k TRICK=on", faults: "TRICK: for ENVIRONMENT=demo alone"},
		{name: "checked by its owner", environment: "KEY=k WAIT=2m", faults: "WAIT: a minute at most"},
		{
			name: "all at once", environment: "ENVIRONMENT=test WAIT=never", args: "perhaps",
			faults: "command line: only flags are understood, --help lists them\n  ENVIRONMENT: one of production,demo\n  KEY: missing\n" +
				"  WAIT: unable to parse duration: time: invalid duration \"never\"",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			environment := map[string]string{}
			for pair := range strings.FieldsSeq(test.environment) {
				key, value, _ := strings.Cut(pair, "=")
				environment[key] = value
			}
			var got outer
			err := settings.Read(&got, strings.Fields(test.args), func(key string) string { return environment[key] })
			faults := ""
			if err != nil {
				faults = strings.TrimPrefix(err.Error(), "the configuration cannot be used:\n  ")
			}
			if faults != test.faults {
				t.Errorf("got\n  %s\nwant\n  %s", faults, test.faults)
			}
			if test.faults == "" && got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	if err := settings.Read(&outer{}, []string{"-h"}, func(string) string { return "" }); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("got %v", err)
	}
	var out bytes.Buffer
	if err := settings.Describe(&outer{}, &out); err != nil || !strings.Contains(out.String(), "WAIT         --wait         2s          how long\n") {
		t.Errorf("got %v\n%s", err, &out)
	}
}
