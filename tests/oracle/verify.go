// Verify is the independent judge of a journal: Go's reference implementation of transparency logs
// (golang.org/x/mod/sumdb/{note,tlog}) reads what Strongroom wrote and shares no code with it.
//
//	verify log DIR VKEY             DIR holds checkpoint and tile/…, laid out as c2sp.org/tlog-tiles says
//	verify proof PROOF ENTRY VKEY   a c2sp.org/tlog-proof file and the entry's bytes
//
// It prints what it counted and exits 0, or says what is wrong and exits 1. Checking nothing is wrong, too.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height = 8 // c2sp.org/tlog-tiles: tiles of 2**8 hashes
	width  = 1 << height
)

func main() {
	var report string
	var err error
	switch {
	case len(os.Args) == 4 && os.Args[1] == "log":
		report, err = verifyLog(os.Args[2], os.Args[3])
	case len(os.Args) == 5 && os.Args[1] == "proof":
		report, err = verifyProof(os.Args[2], os.Args[3], os.Args[4])
	default:
		fmt.Fprintln(os.Stderr, "usage: verify log DIR VKEY | verify proof PROOF ENTRY VKEY")
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "rejected:", err)
		os.Exit(1)
	}
	fmt.Println(report)
}

// openCheckpoint verifies the signature of a checkpoint, c2sp.org/tlog-checkpoint, and reads its three lines.
func openCheckpoint(msg []byte, vkey string) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(msg, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, fmt.Errorf("checkpoint: %w", err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, errors.New("checkpoint: too few lines, or another origin")
	}
	size, err := parseCount(lines[1])
	if err != nil {
		return tlog.Tree{}, fmt.Errorf("checkpoint: size: %w", err)
	}
	root, err := parseHash(lines[2])
	if err != nil {
		return tlog.Tree{}, fmt.Errorf("checkpoint: root: %w", err)
	}
	return tlog.Tree{N: size, Hash: root}, nil
}

func parseCount(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != text {
		return 0, fmt.Errorf("malformed number %q", text)
	}
	return n, nil
}

func parseHash(text string) (tlog.Hash, error) {
	var hash tlog.Hash
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != tlog.HashSize {
		return hash, fmt.Errorf("malformed hash %q", text)
	}
	copy(hash[:], raw)
	return hash, nil
}

// tileDir serves the tiles of a folder to tlog.TileHashReader and counts the different ones it was asked for.
type tileDir struct {
	dir  string
	seen map[tlog.Tile][]byte
}

// path is Go's tile path without its height element: tile/8/0/x001/067.p/8 is tile/0/x001/067.p/8 here.
func (d *tileDir) path(t tlog.Tile) string {
	rest := strings.TrimPrefix(t.Path(), fmt.Sprintf("tile/%d/", height))
	return "tile/" + strings.Replace(rest, "data/", "entries/", 1)
}

// read gives the bytes of a file, and those of the full tile when a partial one is gone.
func (d *tileDir) read(t tlog.Tile) (data []byte, full bool, err error) {
	data, err = os.ReadFile(filepath.Join(d.dir, d.path(t)))
	if errors.Is(err, fs.ErrNotExist) && t.W < width {
		t.W = width
		data, err = os.ReadFile(filepath.Join(d.dir, d.path(t)))
	}
	return data, t.W == width, err
}

func (d *tileDir) Height() int { return height }

func (d *tileDir) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, t := range tiles {
		data, ok := d.seen[t]
		if !ok {
			read, full, err := d.read(t)
			if err != nil {
				return nil, err
			}
			if full && len(read) != width*tlog.HashSize || !full && len(read) != t.W*tlog.HashSize {
				return nil, fmt.Errorf("%s has %d bytes", d.path(t), len(read))
			}
			data = read[:t.W*tlog.HashSize]
			d.seen[t] = data
		}
		all = append(all, data)
	}
	return all, nil
}

func (d *tileDir) SaveTiles([]tlog.Tile, [][]byte) {}

// entries reads the bundle with the entries beneath tile n of level 0, w of which belong to the tree.
func (d *tileDir) entries(n int64, w int) ([][]byte, error) {
	t := tlog.Tile{H: height, L: -1, N: n, W: w}
	data, full, err := d.read(t)
	if err != nil {
		return nil, err
	}
	var all [][]byte
	for len(data) >= 2 {
		end := 2 + int(binary.BigEndian.Uint16(data))
		if end > len(data) {
			break
		}
		all = append(all, data[2:end])
		data = data[end:]
	}
	if len(data) > 0 || full && len(all) != width || !full && len(all) != w {
		return nil, fmt.Errorf("%s is damaged: %d entries, %d bytes left over", d.path(t), len(all), len(data))
	}
	return all[:w], nil
}

// storedHashes is the whole tree in memory, built from the entries alone.
type storedHashes []tlog.Hash

func (s storedHashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var all []tlog.Hash
	for _, i := range indexes {
		if i >= int64(len(s)) {
			return nil, fmt.Errorf("no hash %d", i)
		}
		all = append(all, s[i])
	}
	return all, nil
}

// verifyLog checks signature, tiles (each against its parents up to the signed root) and entries (each against its
// leaf hash), and then once more the root recomputed from the entries without any tile.
func verifyLog(dir, vkey string) (string, error) {
	msg, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return "", err
	}
	tree, err := openCheckpoint(msg, vkey)
	if err != nil {
		return "", err
	}
	if tree.N == 0 {
		return "", errors.New("an empty journal: nothing was checked")
	}
	tiles := &tileDir{dir, make(map[tlog.Tile][]byte)}
	proven := tlog.TileHashReader(tree, tiles)
	var stored storedHashes
	for start := int64(0); start < tree.N; start += width {
		var indexes []int64
		for i := start; i < start+width && i < tree.N; i++ {
			indexes = append(indexes, tlog.StoredHashIndex(0, i))
		}
		leaves, err := proven.ReadHashes(indexes)
		if err != nil {
			return "", fmt.Errorf("tiles of entries %d…: %w", start, err)
		}
		entries, err := tiles.entries(start/width, len(leaves))
		if err != nil {
			return "", err
		}
		for i, entry := range entries {
			if tlog.RecordHash(entry) != leaves[i] {
				return "", fmt.Errorf("entry %d does not hash to its leaf", start+int64(i))
			}
			hashes, err := tlog.StoredHashes(start+int64(i), entry, stored)
			if err != nil {
				return "", err
			}
			stored = append(stored, hashes...)
		}
	}
	root, err := tlog.TreeHash(tree.N, stored)
	if err != nil {
		return "", err
	}
	if root != tree.Hash {
		return "", errors.New("the entries do not lead to the signed root")
	}
	return fmt.Sprintf("verified: %d entries, %d tiles, root %v", tree.N, len(tiles.seen), tree.Hash), nil
}

// verifyProof checks a c2sp.org/tlog-proof: that the entry is in the tree whose root the checkpoint signs.
func verifyProof(proofFile, entryFile, vkey string) (string, error) {
	data, err := os.ReadFile(proofFile)
	if err != nil {
		return "", err
	}
	entry, err := os.ReadFile(entryFile)
	if err != nil {
		return "", err
	}
	head, msg, found := bytes.Cut(data, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return "", errors.New("not a c2sp.org/tlog-proof@v1")
	}
	lines = lines[1:]
	if strings.HasPrefix(lines[0], "extra ") && len(lines) > 1 {
		lines = lines[1:]
	}
	if !strings.HasPrefix(lines[0], "index ") {
		return "", errors.New("no index line")
	}
	index, err := parseCount(strings.TrimPrefix(lines[0], "index "))
	if err != nil {
		return "", err
	}
	var path tlog.RecordProof
	for _, line := range lines[1:] {
		hash, err := parseHash(line)
		if err != nil {
			return "", err
		}
		path = append(path, hash)
	}
	tree, err := openCheckpoint(msg, vkey)
	if err != nil {
		return "", err
	}
	if err := tlog.CheckRecord(path, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
		return "", err
	}
	return fmt.Sprintf("verified: entry %d of %d, %d hashes", index, tree.N, len(path)), nil
}
