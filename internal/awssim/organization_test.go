package awssim_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"go.uber.org/goleak"

	"github.com/leastwise/leastwise/internal/awssim"
	"github.com/leastwise/leastwise/internal/awssim/awssimtest"
)

func TestMain(m *testing.M) {
	// The SDK's and net/http's pools keep idle connections for a while.
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"))
}

func TestConfigReportsEveryFault(t *testing.T) {
	t.Parallel()
	cfg := awssim.DefaultConfig()
	cfg.Accounts, cfg.JobPolls, cfg.ReportPolls, cfg.ShortPages, cfg.SessionDuration, cfg.Clock = 0, -1, -1, 101, 0, nil
	cfg.Limits = []awssim.Limit{{}}
	cfg.Faults = []awssim.Fault{{Kind: "gremlins"}, {Kind: awssim.FaultSlow, Probability: 2}}
	_, err := awssim.New(cfg)
	if err == nil {
		t.Fatal("a config full of faults is accepted")
	}
	for _, word := range []string{"accounts", "job polls", "report polls", "short pages", "session duration", "limit", "gremlins", "probability", "clock"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("error does not mention %q: %v", word, err)
		}
	}
}

// recorder keeps the bodies of all answers.
type recorder struct {
	client aws.HTTPClient
	mu     sync.Mutex
	bodies bytes.Buffer
}

func (r *recorder) Do(request *http.Request) (*http.Response, error) {
	response, err := r.client.Do(request)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if err := response.Body.Close(); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bodies.Write(body)
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

func TestOneSeedGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	collect := func(seed uint64) []byte {
		org, client := started(t, func(c *awssim.Config) { c.Seed, c.Clock = seed, func() time.Time { return time.Unix(1e9, 0) } })
		wire := recorder{client: client.HTTPClient}
		client.HTTPClient = &wire
		for n := range 3 {
			org.SetNow(org.Now().AddDate(0, 0, n))
			session := assumed(t, org, client, member(t, org, 1+n))
			details(t, session, iam.GetAccountAuthorizationDetailsInput{MaxItems: aws.Int32(20)})
			api := iam.NewFromConfig(session)
			report(t, api)
			finished(t, api, iam.GetServiceLastAccessedDetailsInput{JobId: begin(t, api, roleARN(org, member(t, org, 1+n)), "")})
		}
		return wire.bodies.Bytes()
	}
	one, again, other := collect(5), collect(5), collect(6)
	if !bytes.Equal(one, again) {
		t.Error("one seed gave different answers")
	}
	if bytes.Equal(one, other) {
		t.Error("two seeds gave the same answers")
	}
}

func TestManyClientsAtOnceSeeOneTruth(t *testing.T) {
	t.Parallel()
	org, client := started(t, nil)
	var wg sync.WaitGroup
	for i := range 5 {
		account := member(t, org, i)
		session := assumed(t, org, client, account)
		for range 3 {
			wg.Go(func() {
				got, _ := details(t, session, iam.GetAccountAuthorizationDetailsInput{MaxItems: aws.Int32(9)})
				if told, want := told(t, got), truth(account.Day(org.Now())); strings.Join(told, "\n") != strings.Join(want, "\n") {
					t.Errorf("account %d: %d entities, want %d", i, len(told), len(want))
				}
			})
		}
	}
	wg.Wait()
}

func TestPartitionsAreServed(t *testing.T) {
	t.Parallel()
	for _, partition := range []string{"aws-us-gov", "aws-cn"} {
		org, client := started(t, func(c *awssim.Config) { c.Partition = partition })
		account := member(t, org, 1)
		if found, ok := org.Account(account.ID()); !ok || found != account {
			t.Errorf("account %s is not found", account.ID())
		}
		got, _ := details(t, assumed(t, org, client, account), iam.GetAccountAuthorizationDetailsInput{})
		compare(t, told(t, got), truth(account.Day(org.Now())))
		if arn := *got.RoleDetailList[0].Arn; !strings.HasPrefix(arn, "arn:"+partition+":iam::"+account.ID()+":role/") {
			t.Errorf("%s: role %s", partition, arn)
		}
	}
}

func TestTheServerStartsOnceAndStops(t *testing.T) {
	t.Parallel()
	org, err := awssim.New(awssim.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	if org.URL() != "" {
		t.Errorf("URL before the start is %s", org.URL())
	}
	if err := org.Close(); err != nil {
		t.Errorf("close before the start: %v", err)
	}
	if err := org.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	host := strings.TrimPrefix(org.URL(), "http://")
	key, secret := org.Credentials()
	want := fmt.Sprintf("AWS_ENDPOINT_URL=%s AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s AWS_REGION=%s", org.URL(), key, secret, org.World().Management().Region())
	if got := strings.Join(org.Environ(), " "); got != want {
		t.Errorf("environment is %s, want %s", got, want)
	}
	if err := org.Start(t.Context()); err == nil {
		t.Error("started twice")
	}
	if err := org.Close(); err != nil {
		t.Error(err)
	}
	if connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", host); err == nil {
		_ = connection.Close()
		t.Error("still listening after Close")
	}
	if err := org.Start(t.Context()); err != nil {
		t.Errorf("start again: %v", err)
	}
	if err := org.Close(); err != nil {
		t.Error(err)
	}
}

// skimmer hands the SDK only the end of long answers, so that a test of the
// server's memory does not spend its time on parsing. It counts the roles.
type skimmer struct {
	client       aws.HTTPClient
	roles, bytes int
}

func (s *skimmer) Do(request *http.Request) (*http.Response, error) {
	response, err := s.client.Do(request)
	if err != nil {
		return nil, err
	}
	lines := bufio.NewReaderSize(response.Body, 64<<10)
	for {
		// Every element of a role ends in >, the last of them being this one.
		element, err := lines.ReadSlice('>')
		s.bytes += len(element)
		switch {
		case errors.Is(err, io.EOF):
			return nil, io.ErrUnexpectedEOF
		case err != nil:
			return nil, err
		case bytes.Equal(element, []byte("</RoleLastUsed>")):
			s.roles++
		case bytes.Equal(element, []byte("<IsTruncated>")):
			start := "<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult>"
			rest := io.MultiReader(strings.NewReader(start+string(element)), lines)
			response.Body = struct {
				io.Reader
				io.Closer
			}{rest, response.Body}
			return response, nil
		}
	}
}

// TestAHundredThousandRolesCostLittleMemory is not parallel: it measures the heap.
func TestAHundredThousandRolesCostLittleMemory(t *testing.T) {
	cfg := awssim.DefaultConfig()
	cfg.Accounts, cfg.Suspended, cfg.Roles, cfg.Policies = 1, 0, 100_000, 1500
	_, client := awssimtest.Start(t, cfg)
	skim := &skimmer{client: client.HTTPClient}
	client.HTTPClient = skim
	pages := iam.NewGetAccountAuthorizationDetailsPaginator(iam.NewFromConfig(client), &iam.GetAccountAuthorizationDetailsInput{MaxItems: aws.Int32(1000)})
	live := func() uint64 {
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	before, most, begun := live(), uint64(0), time.Now()
	for n := 0; pages.HasMorePages(); n++ {
		if _, err := pages.NextPage(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n%10 == 9 {
			most = max(most, live())
		}
	}
	t.Logf("%d roles, %d MB, in %s, heap grew by %d KB", skim.roles, skim.bytes>>20, time.Since(begun), (int64(most)-int64(before))/1024)
	if skim.roles < 90_000 || skim.roles > 110_000 {
		t.Errorf("%d roles, want about 100,000", skim.roles)
	}
	const bound = 16 << 20
	if most > before+bound {
		t.Errorf("heap grew from %d to %d bytes, want less than %d more", before, most, bound)
	}
}
