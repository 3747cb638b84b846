package world

import "strconv"

// vocabulary are the words that names are made of.
type vocabulary struct {
	apps, components, envs []string
	firsts, lasts          []string
	teams                  []string
	vendors                []string // account ids outside of the organization
	regions                []string // of the partition
}

func newVocabulary(partition string) vocabulary {
	v := vocabulary{
		apps: []string{
			"analytics", "audit", "billing", "cart", "catalog", "checkout", "claims", "coupons", "crm", "docs", "edge", "fleet",
			"fraud", "gateway", "identity", "ingest", "inventory", "invoices", "kyc", "lake", "ledger", "loyalty", "mailer", "maps",
			"media", "metrics", "orders", "payments", "pricing", "profile", "recommender", "reporting", "returns", "reviews", "risk",
			"routing", "scheduler", "search", "shipping", "telemetry", "tickets", "warehouse", "workflow",
		},
		components: []string{"api", "worker", "web", "consumer", "exporter", "sync", "batch", "admin", "cache", "jobs", "stream"},
		envs:       []string{"prod", "staging", "dev", "sandbox"},
		firsts: []string{
			"aiko", "amara", "ana", "bjorn", "carla", "chidi", "dana", "elif", "emil", "farid", "grace", "hana", "ines", "ivan",
			"jonas", "kofi", "lars", "leila", "mateo", "mei", "nadia", "noor", "olga", "omar", "priya", "rosa", "sam", "tariq", "uma", "yusuf", "zoe",
		},
		lasts: []string{
			"abe", "adeyemi", "almeida", "berg", "chen", "costa", "demir", "diaz", "eriksen", "fischer", "garcia", "haddad", "ito",
			"jansen", "kaya", "khan", "kowalski", "larsen", "mensah", "moreau", "nguyen", "novak", "okafor", "patel", "rossi", "silva", "singh", "tanaka", "weber",
		},
		teams:   []string{"core", "commerce", "data", "growth", "identity", "logistics", "payments", "platform", "search", "security", "supply", "web"},
		vendors: []string{"210987654321", "345678901234", "456789012345", "567890123456"},
		regions: []string{"us-east-1", "eu-central-1", "eu-west-1", "us-west-2", "ap-southeast-2"},
	}
	switch partition {
	case "aws-us-gov":
		v.regions = []string{"us-gov-west-1", "us-gov-east-1"}
	case "aws-cn":
		v.regions = []string{"cn-north-1", "cn-northwest-1"}
	}
	return v
}

// dnsSuffix returns what the names of a partition's services end in.
func dnsSuffix(partition string) string {
	if partition == "aws-cn" {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// scatter is a prime that divides none of the vocabulary's products, so that
// multiplying by it permutes them.
const scatter = 6841

// placeApp sets the words that say what the n-th entity of a kind is for.
// Different numbers give different words.
func (v *vocabulary) placeApp(n int, to *values) {
	size := len(v.apps) * len(v.components) * len(v.envs)
	at := (n*scatter + 17) % size
	to[varEnv] = v.envs[at%len(v.envs)]
	at /= len(v.envs)
	to[varComponent] = v.components[at%len(v.components)]
	to[varApp] = v.apps[at/len(v.components)]
	to[varSerial] = serial(n / size)
}

// placePerson sets the name of the n-th person.
func (v *vocabulary) placePerson(n int, to *values) {
	size := len(v.firsts) * len(v.lasts)
	at := (n*scatter + 17) % size
	to[varFirst] = v.firsts[at%len(v.firsts)]
	to[varLast] = v.lasts[at/len(v.firsts)]
	to[varTwin] = serial(n / size)
}

// serial is empty for the first of a name and -2, -3, … for those after it.
func serial(n int) string {
	if n == 0 {
		return ""
	}
	return "-" + strconv.Itoa(n+1)
}
