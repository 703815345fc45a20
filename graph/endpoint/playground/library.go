package playground

import (
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path"
	"strings"
)

// network is the public place that carries npm packages file by file, unchanged. It is used only where the libraries
// were not built into the binary. Source: https://www.jsdelivr.com/documentation#id-npm
const network = "https://cdn.jsdelivr.net/npm/"

//go:embed libraries.json
var librariesJSON []byte

// library is one file of an npm package that the page needs, in the order of loading.
type library struct {
	Package   string `json:"package"`
	File      string `json:"file"`
	Version   string `json:"version"`
	Integrity string `json:"integrity"` // "sha384-" and the digest in base64, as HTML's integrity attribute has it

	digest []byte
}

func pinnedLibraries() ([]library, error) {
	var libraries []library
	if err := json.Unmarshal(librariesJSON, &libraries); err != nil {
		return nil, fmt.Errorf("read libraries.json: %w", err)
	}
	for i := range libraries {
		lib := &libraries[i]
		encoded, ok := strings.CutPrefix(lib.Integrity, "sha384-")
		digest, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil || !ok || len(digest) != 48 {
			return nil, fmt.Errorf("read libraries.json: %s has no sha384 integrity", lib.File)
		}
		lib.digest = digest
	}
	return libraries, nil
}

// shortHash names the folder of the built file. It follows from the pin, so a build of another version is not found
// and never served in its place.
func (l library) shortHash() string {
	return hex.EncodeToString(l.digest[:8])
}

// builtPath is where build.mjs puts the file below assets/.
func (l library) builtPath() string {
	return l.shortHash() + "/" + path.Base(l.File) + ".gz"
}

func (l library) builtURL() string {
	return assetURL(l.shortHash(), path.Base(l.File))
}

func (l library) networkURL() string {
	return network + l.Package + "@" + l.Version + "/" + l.File
}
