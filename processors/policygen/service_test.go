package policygen

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.uber.org/zap"

	"github.com/leastwise/leastwise/catalog"
	"github.com/leastwise/leastwise/catalog/policy"
	"github.com/leastwise/leastwise/catalog/risk"
	schemas "github.com/leastwise/leastwise/schemas/policy"
)

// patience is how long a test waits for a reply. It is generous, as a busy
// machine may take seconds for what a quiet one does in milliseconds.
const patience = time.Minute

func newEngine(t testing.TB) *risk.Engine {
	t.Helper()
	c, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	rules, err := risk.Load(c)
	if err != nil {
		t.Fatal(err)
	}
	return risk.NewEngine(rules, risk.DefaultOptions())
}

// startServer returns the URL of a real server.
func startServer(t testing.TB) string { return startServerOf(t, 0) }

// startServerOf is startServer for messages of up to maxPayload bytes, or of
// NATS's own limit for 0.
func startServerOf(t testing.TB, maxPayload int32) string {
	t.Helper()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true, MaxPayload: maxPayload})
	if err != nil {
		t.Fatal(err)
	}
	go s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(patience) {
		t.Fatal("the server did not get ready")
	}
	return s.ClientURL()
}

func connect(t testing.TB, url string) *nats.Conn {
	t.Helper()
	nc, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

// startService runs a service until the test ends and returns a client of it.
func startService(t testing.TB) *nats.Conn { return startServiceOf(t, DefaultConfig()) }

func startServiceOf(t testing.TB, cfg Config) *nats.Conn {
	t.Helper()
	return startServiceOn(t, startServer(t), cfg)
}

// startServiceOn is startService on a server that runs.
func startServiceOn(t testing.TB, url string, cfg Config) *nats.Conn {
	t.Helper()
	s := NewService(Dependencies{NATS: connect(t, url), Engine: newEngine(t), Metrics: prometheus.NewRegistry(), Log: zap.NewNop()}, cfg)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run returned %v after it was asked to stop", err)
		}
	})
	client := connect(t, url)
	// A service answers before all of its endpoints are there.
	all := len(s.endpoints()) * cfg.Parallel
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		var info micro.Info
		m, err := client.Request("$SRV.INFO."+Name, nil, time.Second)
		if err == nil && json.Unmarshal(m.Data, &info) == nil && len(info.Endpoints) == all {
			return client
		}
		if time.Now().After(deadline) {
			t.Fatalf("the service has %d of %d endpoints", len(info.Endpoints), all)
		}
	}
}

// schemaOf compiles the schema of the requests or the replies of a subject.
func schemaOf(t *testing.T, of func(string) (string, error), subject string) *jsonschema.Schema {
	t.Helper()
	text, err := of(subject)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	return c.MustCompile("schema.json")
}

func validate(t *testing.T, schema *jsonschema.Schema, body []byte) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(body)))
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return schema.Validate(doc)
}

func TestWriteAnswersWithThePolicy(t *testing.T) {
	t.Parallel()
	nc := startService(t)
	request := `{"mode":"crud","read":["arn:aws:ssm:us-east-1:123456789012:parameter/app"],"wildcard-only":{"single-actions":["ec2:DescribeInstances","s3:GetObject"]}}`
	if err := validate(t, schemaOf(t, schemas.Request, SubjectWrite), []byte(request)); err != nil {
		t.Fatal(err)
	}
	m, err := nc.Request(SubjectWrite, []byte(request), patience)
	if err != nil {
		t.Fatal(err)
	}
	if code := m.Header.Get(micro.ErrorCodeHeader); code != "" {
		t.Fatalf("error %s: %s", code, m.Data)
	}
	if err := validate(t, schemaOf(t, schemas.Reply, SubjectWrite), m.Data); err != nil {
		t.Error(err)
	}
	var reply Reply
	if err := json.Unmarshal(m.Data, &reply); err != nil {
		t.Fatal(err)
	}
	sids := map[string]bool{}
	for _, s := range reply.Policy.Statement {
		sids[s.SID] = true
	}
	if len(sids) != 2 || !sids["SsmReadParameter"] || !sids["MultMultNone"] {
		t.Errorf("the statements are %v", sids)
	}
	if len(reply.Notes) != 1 || reply.Notes[0].Path != "wildcard-only.single-actions[1]" {
		t.Errorf("the notes are %v, want one on s3:GetObject", reply.Notes)
	}
}

func TestWriteNotesThatThereIsNothingInAPolicy(t *testing.T) {
	t.Parallel()
	nc := startService(t)
	for _, request := range []string{`{"mode":"crud"}`, `{"mode":"actions","max-size":6144}`} {
		m, err := nc.Request(SubjectWrite, []byte(request), patience)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(t, schemaOf(t, schemas.Reply, SubjectWrite), m.Data); err != nil {
			t.Error(err)
		}
		var reply Reply
		if err := json.Unmarshal(m.Data, &reply); err != nil || len(reply.Notes) != 1 || reply.Notes[0].Code != policy.CodeNoStatement {
			t.Errorf("%s: %v, notes %v", request, err, reply.Notes)
		}
	}
}

// TestWhatFitsIsExplained asks why few actions on many resources are there, and why
// more actions are than there is room to say it of.
func TestWhatFitsIsExplained(t *testing.T) {
	t.Parallel()
	s := newService(t)
	var buckets strings.Builder
	for i := range 40_000 {
		fmt.Fprintf(&buckets, `,"arn:aws:s3:::b%d"`, i)
	}
	reply, err := s.appendReply(nil, []byte(`{"mode":"crud","explain":true,"list":["arn:aws:s3:::b"`+buckets.String()+`]}`), s.write)
	var got Reply
	if err != nil || int64(len(reply)) > s.maxPayload() || json.Unmarshal(reply, &got) != nil {
		t.Fatalf("%d bytes, %v", len(reply), err)
	}
	if len(got.Explanations) == 0 || len(got.Policy.Statement[0].Resource) != 40_001 {
		t.Errorf("%d explanations of %d resources", len(got.Explanations), len(got.Policy.Statement[0].Resource))
	}
	_, err = s.write([]byte(`{"mode":"actions","explain":true,"actions":["*:*"]}`))
	if faults, ok := errors.AsType[policy.Faults](err); !ok || faults[0].Code != policy.CodeTooLarge || !strings.Contains(faults[0].Reason, "12483 actions;") {
		t.Errorf("the error is %v", err)
	}
}

// Handlers use room again, and answers are remembered: whoever asks with many others
// still gets the answer to the own request, every time.
func TestEveryRequestGetsItsOwnAnswer(t *testing.T) {
	t.Parallel()
	nc := startService(t)
	const clients, rounds, different = 16, 60, 25
	queue := func(i int) string {
		return fmt.Sprintf("arn:aws:sqs:us-east-1:123456789012:%s", strings.Repeat("q", 1+i))
	}
	var work sync.WaitGroup
	for client := range clients {
		work.Go(func() {
			for round := range rounds {
				i := (client + round) % different
				asked := map[string]string{
					SubjectWrite:    fmt.Sprintf(`{"mode":"crud","read":[%q]}`, queue(i)),
					SubjectMinimize: fmt.Sprintf(`{"policy":{"Statement":{"Effect":"Allow","Action":"sqs:*","Resource":%q}}}`, queue(i)),
				}
				for subject, request := range asked {
					m, err := nc.Request(subject, []byte(request), patience)
					if err != nil || !strings.Contains(string(m.Data), `"`+queue(i)+`"`) || !json.Valid(m.Data) {
						t.Errorf("%s: %v, reply %v, asked for %s", subject, err, m, request)
						return
					}
				}
			}
		})
	}
	work.Wait()
}

// users returns the ARNs of n users as JSON strings, with commas.
func users(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"arn:aws:iam::*:user/%d"`, i)
	}
	return b.String()[1:]
}

// numbers returns n different JSON strings, with commas.
func numbers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"%d"`, i)
	}
	return b.String()[1:]
}

func TestWriteAnswersFaultsWithTheirPlaces(t *testing.T) {
	t.Parallel()
	nc := startService(t)
	reply := schemaOf(t, schemas.Reply, SubjectWrite)
	tests := map[string]struct {
		request string
		code    string
		want    []string
	}{
		"not JSON":         {`{`, "400", []string{"byte 0"}},
		"not an object":    {`[]`, "400", []string{"not an object"}},
		"empty":            {``, "400", nil},
		"unknown field":    {`{"mode":"crud","raed":[]}`, "422", []string{"raed"}},
		"text and values":  {`{"mode":"crud","raed":[],"read":["bucket"]}`, "422", []string{"2 faults", "raed", "read[0]"}},
		"wrong type":       {`{"mode":7}`, "422", []string{"mode"}},
		"several at once":  {`{"mode":"crud","read":["arn:nonsense"],"write":["arn:aws:s4:::b"]}`, "422", []string{"read[0]", "write[0]", "s3"}},
		"unknown service":  {`{"mode":"crud","wildcard-only":{"service-read":["s33"]}}`, "422", []string{"wildcard-only.service-read[0]", "s3"}},
		"unknown action":   {`{"mode":"actions","actions":["s3:GetObjectt"]}`, "422", []string{"actions[0]", "s3:GetObject"}},
		"hostile text":     {`{"mode":"crud","read":["arn:aws:s3:::<script>\r\nNats-Service-Error: x"]}`, "422", []string{"malformed-arn"}},
		"deeply nested":    {strings.Repeat("[", 100_000), "400", nil},
		"too many faults":  {fmt.Sprintf(`{"mode":"crud","read":[%s]}`, numbers(60_000)), "422", []string{"60000 faults"}},
		"very long string": {`{"mode":"` + strings.Repeat("x", 900_000) + `"}`, "422", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := nc.Request(SubjectWrite, []byte(tt.request), patience)
			if err != nil {
				t.Fatal(err)
			}
			if code := m.Header.Get(micro.ErrorCodeHeader); code != tt.code {
				t.Errorf("the code is %q, want %q: %.300s", code, tt.code, m.Data)
			}
			if err := validate(t, reply, m.Data); err != nil {
				t.Errorf("%v: %.300s", err, m.Data)
			}
			for _, want := range tt.want {
				if !strings.Contains(string(m.Data), want) {
					t.Errorf("%q is missing in %.300s", want, m.Data)
				}
			}
		})
	}
}

// Where NATS carries more than a megabyte, a request of more is answered; where it
// does not, the client is told before it sends.
func TestRequestsOverAMegabyteAreErrors(t *testing.T) {
	t.Parallel()
	nc := startServiceOn(t, startServerOf(t, 8<<20), DefaultConfig())
	large := []byte(fmt.Sprintf(`{"mode":"crud","read":[%s]}`, numbers(200_000)))
	for _, e := range (&Service{}).endpoints() {
		m, err := nc.Request(e.subject, large, patience)
		if err != nil {
			t.Fatalf("%s: %v", e.subject, err)
		}
		if err := validate(t, schemaOf(t, schemas.Reply, e.subject), m.Data); err != nil {
			t.Error(err)
		}
		if m.Header.Get(micro.ErrorCodeHeader) != "413" || !strings.Contains(string(m.Data), "1048576") {
			t.Errorf("%s: %.200s", e.subject, m.Data)
		}
	}
	small := startService(t)
	if _, err := small.Request(SubjectWrite, large, patience); !errors.Is(err, nats.ErrMaxPayload) {
		t.Errorf("the error is %v", err)
	}
}

func TestServiceIsDiscoverable(t *testing.T) {
	t.Parallel()
	nc := startService(t)
	m, err := nc.Request("$SRV.INFO."+Name, nil, patience)
	if err != nil {
		t.Fatal(err)
	}
	var info micro.Info
	if err := json.Unmarshal(m.Data, &info); err != nil {
		t.Fatal(err)
	}
	if info.Version != Version || info.Metadata["catalog"] == "" {
		t.Errorf("the service says %+v", info)
	}
	schemas := map[string]int{}
	for _, e := range info.Endpoints {
		if e.Metadata["request-schema"] != "" && e.Metadata["reply-schema"] != "" {
			schemas[e.Subject]++
		}
	}
	for _, e := range (&Service{}).endpoints() {
		if schemas[e.subject] != 1 {
			t.Errorf("%s is described %d times", e.subject, schemas[e.subject])
		}
	}
	if len(info.Endpoints) != len(schemas)*DefaultConfig().Parallel {
		t.Errorf("%d endpoints of %d subjects", len(info.Endpoints), len(schemas))
	}
}

// What the service says of itself fits into a message whatever its size.
func TestTheLargestServiceIsDiscoverable(t *testing.T) {
	t.Parallel()
	nc := startServiceOf(t, Config{Parallel: 256})
	for _, subject := range []string{"$SRV.INFO.", "$SRV.STATS."} {
		if _, err := nc.Request(subject+Name, nil, patience); err != nil {
			t.Errorf("%s: %v", subject, err)
		}
	}
}

func TestServiceAnswersEverythingItTookBeforeItStops(t *testing.T) {
	t.Parallel()
	url := startServer(t)
	s := NewService(Dependencies{NATS: connect(t, url), Engine: newEngine(t), Metrics: prometheus.NewRegistry(), Log: zap.NewNop()}, DefaultConfig())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	nc := connect(t, url)
	var answered, refused int
	var mu sync.Mutex
	var clients sync.WaitGroup
	stopped := make(chan struct{})
	for range 8 {
		clients.Go(func() {
			for {
				m, err := nc.Request(SubjectWrite, []byte(`{"mode":"crud","read":["arn:aws:s3:::b"]}`), patience)
				mu.Lock()
				switch {
				case err == nil && m.Header.Get(micro.ErrorCodeHeader) == "":
					answered++
				case errors.Is(err, nats.ErrNoResponders):
					refused++
				default:
					t.Errorf("a request that was taken got %v", err)
				}
				enough := answered >= 200
				mu.Unlock()
				if enough {
					cancel()
				}
				select {
				case <-stopped:
					return
				default:
				}
			}
		})
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	close(stopped)
	clients.Wait()
	if answered < 200 {
		t.Errorf("%d requests were answered", answered)
	}
}

func TestAPanicIsAnAnswer(t *testing.T) {
	t.Parallel()
	s := &Service{log: zap.NewNop()}
	_, err := s.safely(func([]byte) (any, error) { panic("boom") }, nil)
	if got := asReply(err); got.Code != CodeInternal || strings.Contains(got.Reason, "boom") {
		t.Errorf("got %+v", got)
	}
}
