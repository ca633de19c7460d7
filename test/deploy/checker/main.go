// Reads a Compose file, and Prometheus' configuration and rules, by the code of Compose and Prometheus themselves.
//
//	checker compose FILE | checker prometheus CONFIGURATION RULES
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/config"
	_ "github.com/prometheus/prometheus/discovery/dns"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
)

func checkCompose(file string) error {
	options, err := cli.NewProjectOptions([]string{file})
	if err != nil {
		return err
	}
	_, err = options.LoadProject(context.Background())
	return err
}

func checkPrometheus(configuration, rules string) error {
	if _, err := config.LoadFile(configuration, false, slog.Default()); err != nil {
		return err
	}
	_, errs := rulefmt.ParseFile(rules, false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.Default())
	if len(errs) > 0 {
		return fmt.Errorf("%v", errs)
	}
	return nil
}

func main() {
	var err error
	switch {
	case len(os.Args) == 3 && os.Args[1] == "compose":
		err = checkCompose(os.Args[2])
	case len(os.Args) == 4 && os.Args[1] == "prometheus":
		err = checkPrometheus(os.Args[2], os.Args[3])
	default:
		err = fmt.Errorf("usage: checker compose FILE | checker prometheus CONFIGURATION RULES")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
